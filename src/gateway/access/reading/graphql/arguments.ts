import { Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';
import type { Json, JsonObject } from '../../../../lib/json/strict-json.js';
import { GraphqlFault } from './graphql-fault.js';

export type Variables = ReadonlyMap<string, Json | undefined>;

/** Values of an operation's variables: as sent, or by default. */
export function variablesOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  sent: JsonObject,
): Variables {
  const variables = new Map<string, Json | undefined>();
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (variables.has(name)) throw new GraphqlFault('has a variable twice');
    const value = name in sent ? sent[name] : defaultValue && valueOf(defaultValue, new Map());
    variables.set(name, value);
  }
  return variables;
}

/** The value of an argument; undefined for a variable without one. */
export function valueOf(node: ValueNode, variables: Variables): Json | undefined {
  switch (node.kind) {
    case Kind.VARIABLE:
      if (!variables.has(node.name.value)) throw new GraphqlFault('uses a variable that it does not define');
      return variables.get(node.name.value);
    case Kind.STRING:
      return node.value;
    case Kind.LIST:
      return node.values.map((value) => valueOf(value, variables) ?? null);
    case Kind.OBJECT: {
      const value = Object.create(null) as Record<string, Json>;
      for (const field of node.fields) {
        const name = field.name.value;
        if (name in value) throw new GraphqlFault('has a member of an argument twice');
        value[name] = valueOf(field.value, variables) ?? null;
      }
      return value;
    }
    case Kind.NULL:
      return null;
    case Kind.BOOLEAN:
      return node.value;
    // Numbers and names of enumerations are not ids: their values do not matter, only that they are not strings.
    case Kind.INT:
    case Kind.FLOAT:
    case Kind.ENUM:
      return 0;
  }
}
