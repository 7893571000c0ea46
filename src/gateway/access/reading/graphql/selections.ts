import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { GraphqlFault } from './graphql-fault.js';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The list whose entries are of other owners than the run that it stands at. */
const FILTERED = 'modelVersions';

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    if (fragments.has(definition.name.value)) throw new GraphqlFault('has two fragments of one name');
    fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** The fields of a selection, including those in fragments, and regardless of conditions and directives. */
export function fieldsOf(selection: SelectionSetNode, fragments: Fragments): FieldNode[] {
  const fields: FieldNode[] = [];
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) fields.push(node);
      else if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
      else if (!seen.has(node.name.value)) {
        seen.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment === undefined) throw new GraphqlFault('refers to a fragment that it does not have');
        collect(fragment.selectionSet);
      }
    }
  };
  collect(selection);
  return fields;
}

/**
 * Whether model versions are asked for anywhere. Their list has to keep its name, and each entry has to say whose it is,
 * so that the answer can be filtered.
 */
export function asksForModelVersions(document: DocumentNode, fragments: Fragments): boolean {
  let asked = false;
  visit(document, {
    Field(node) {
      const shown = node.alias?.value ?? node.name.value;
      if (node.name.value !== FILTERED && shown !== FILTERED) return;
      if (node.name.value !== shown) throw new GraphqlFault(`gives "${FILTERED}" another name`);
      const named =
        node.selectionSet !== undefined && fieldsOf(node.selectionSet, fragments).some(isPlainName);
      if (!named) throw new GraphqlFault(`asks for "${FILTERED}" without their "name"`);
      asked = true;
    },
  });
  return asked;
}

function isPlainName({ name, alias, directives }: FieldNode): boolean {
  return name.value === 'name' && alias === undefined && (directives ?? []).length === 0;
}
