import {
  GraphQLError,
  Kind,
  Lexer,
  OperationTypeNode,
  parse,
  Source,
  TokenKind,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import { isObject } from '../../../../lib/json/json-object.js';
import type { Json, JsonObject } from '../../../../lib/json/strict-json.js';
import { valueOf, variablesOf, type Variables } from './arguments.js';
import { GraphqlFault } from './graphql-fault.js';
import { ROOT_FIELDS, type GraphqlKind, type RootField } from './root-fields.js';
import { asksForModelVersions, fieldsOf, fragmentsOf, type Fragments } from './selections.js';

/** A resource that an argument names. */
export interface GraphqlName {
  readonly kind: GraphqlKind;
  readonly id: string;
  /** Root field and member, such as `mlflowGetRun.runId`. */
  readonly at: string;
}

export interface GraphqlReading {
  readonly named: readonly GraphqlName[];
  /** The answer has model versions, and the key may not see all of them. */
  readonly asksForModelVersions: boolean;
}

/** Far beyond what MLflow's UI asks; a longer query costs more to read than to refuse. */
const MAX_TOKENS = 10_000;
/** Its deepest query has some 10 levels. Parsers call themselves for each, and MLflow's own runs out of stack. */
const DEEPEST = 50;
const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Finds what a GraphQL request names. MLflow's schema differs by version, so the gateway does not use it: it has its
 * own list of root fields and members. All operations of the document are checked, whichever one MLflow runs.
 *
 * @throws GraphqlFault
 */
export function readGraphql(body: JsonObject): GraphqlReading {
  const { query, variables = null, operationName = null } = body;
  if (typeof query !== 'string') throw new GraphqlFault('is missing');
  if (operationName !== null && typeof operationName !== 'string')
    throw new GraphqlFault('has an "operationName" that is no text');
  if (variables !== null && !isObject(variables))
    throw new GraphqlFault('has "variables" that are no object');
  const document = parsed(query);
  const fragments = fragmentsOf(document);
  const named: GraphqlName[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    if (definition.kind !== Kind.OPERATION_DEFINITION)
      throw new GraphqlFault('defines something other than operations and fragments');
    readOperation(definition, fragments, variables ?? {}, named);
  }
  return { named, asksForModelVersions: asksForModelVersions(document, fragments) };
}

function parsed(query: string): ReturnType<typeof parse> {
  try {
    refuseDepth(query);
    return parse(query, { noLocation: true, maxTokens: MAX_TOKENS });
  } catch (error) {
    if (error instanceof GraphQLError) throw new GraphqlFault('cannot be parsed');
    throw error;
  }
}

function refuseDepth(query: string): void {
  const lexer = new Lexer(new Source(query));
  let depth = 0;
  for (let tokens = 0; tokens <= MAX_TOKENS; tokens++) {
    const { kind } = lexer.advance();
    if (kind === TokenKind.EOF) return;
    if (OPENING.has(kind)) depth += 1;
    if (CLOSING.has(kind)) depth -= 1;
    if (depth > DEEPEST) throw new GraphqlFault('is nested too deeply');
  }
}

function readOperation(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  sent: JsonObject,
  named: GraphqlName[],
): void {
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw new GraphqlFault('is a subscription');
  const rules = ROOT_FIELDS[operation.operation];
  const variables = variablesOf(operation, sent);
  for (const field of fieldsOf(operation.selectionSet, fragments)) {
    const rule = rules.get(field.name.value);
    if (rule === undefined)
      throw new GraphqlFault(`has the root field "${field.name.value}", which is not known`);
    if (Object.keys(rule.input).length > 0) named.push(...namesIn(field, rule, variables));
    if (field.name.value === 'mlflowSearchModelVersions') refusePageToken(field, fragments);
  }
}

function namesIn(field: FieldNode, { input, required }: RootField, variables: Variables): GraphqlName[] {
  const given = field.arguments ?? [];
  if (given.length > 1 || given.some(({ name }) => name.value !== 'input'))
    throw new GraphqlFault('has an argument other than "input", or twice');
  const value = given[0] && valueOf(given[0].value, variables);
  if (!isObject(value)) throw new GraphqlFault(`has "${field.name.value}" without an "input"`);
  const names: GraphqlName[] = [];
  for (const [member, content] of Object.entries(value)) {
    if (!Object.hasOwn(input, member))
      throw new GraphqlFault(`has the member "${member}", which is not known`);
    const kind = input[member];
    if (kind !== undefined)
      for (const id of idsIn(content, member)) names.push({ kind, id, at: `${field.name.value}.${member}` });
  }
  if (required.length > 0 && names.length === 0)
    throw new GraphqlFault(
      `has "${field.name.value}" without ${required.map((one) => `"${one}"`).join(' or ')}`,
    );
  const runs = names.filter(({ at }) => at.endsWith('.runId') || at.endsWith('.runUuid'));
  if (new Set(runs.map(({ id }) => id)).size > 1)
    throw new GraphqlFault('has "runId" and "runUuid" that differ');
  return names;
}

/** One id or a list of ids: GraphQL reads a single value as a list of one. */
function idsIn(content: Json, member: string): string[] {
  if (content === null) return [];
  const ids = Array.isArray(content) ? (content as readonly Json[]) : [content];
  if (!ids.every((id): id is string => typeof id === 'string'))
    throw new GraphqlFault(`has "${member}" that is no text`);
  return ids as string[];
}

function refusePageToken({ selectionSet }: FieldNode, fragments: Fragments): void {
  if (selectionSet && fieldsOf(selectionSet, fragments).some(({ name }) => name.value === 'nextPageToken'))
    throw new GraphqlFault('asks for pages of model versions: use model-versions/search for them');
}
