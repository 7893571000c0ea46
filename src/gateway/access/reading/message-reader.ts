import { isObject } from '../../../lib/json/json-object.js';
import { newMembers } from '../../../lib/json/members.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import { messageShape, type MessageShape } from '../../mlflow-routes/message-shapes.js';
import { ambiguous } from './ambiguous.js';
import { fieldsOf, ONE_OF, type Field } from './field-types.js';

/** One object of the body that was not read yet. */
interface Task {
  readonly from: JsonObject;
  readonly shape: MessageShape;
  readonly type: string;
  readonly into: Record<string, Json>;
}

/** Members that are looked at in one go: about a millisecond. */
const SLICE = 10_000;

/**
 * Reads an object as the protobuf messages of MLflow's versions: members by their snake_case names, without members
 * that no version knows. A member of a wrong type is refused, because protobuf's own reader drops everything after it.
 *
 * @throws ProblemError `ambiguous-request` for a member under both spellings, or of a wrong type
 */
export function readMessage(body: JsonObject, shape: MessageShape): JsonObject {
  const reader = new MessageReader(body, shape);
  reader.run(Infinity);
  return reader.message;
}

/**
 * The same for a long body, in slices.
 *
 * @param pause awaited between two slices
 */
export async function readLongMessage(
  body: JsonObject,
  shape: MessageShape,
  pause: () => Promise<void>,
): Promise<JsonObject> {
  const reader = new MessageReader(body, shape);
  while (!reader.run(SLICE)) await pause();
  return reader.message;
}

class MessageReader {
  readonly message: Record<string, Json> = newMembers<Json>();
  private readonly tasks: Task[];

  constructor(body: JsonObject, shape: MessageShape) {
    this.tasks = [{ from: body, shape, type: '', into: this.message }];
  }

  /** @returns whether all is read */
  run(members: number): boolean {
    for (let left = members; left > 0;) {
      const task = this.tasks.pop();
      if (task === undefined) return true;
      left -= this.object(task);
    }
    return this.tasks.length === 0;
  }

  private object({ from, shape, type, into }: Task): number {
    const known = fieldsOf(shape);
    let seen = 1;
    for (const spelled of Object.keys(from)) {
      seen += 1;
      const value = from[spelled] as Json;
      const field = known.get(spelled);
      if (field === undefined) continue;
      if (field.name in into) throw ambiguous(`the member "${field.name}" is there in two spellings`);
      // Protobuf takes null for absent; it is kept, so that the other spelling is seen.
      into[field.name] = value === null && !field.takesNull ? null : this.value(value, field);
      if (Array.isArray(value)) seen += value.length;
    }
    const exclusive = ONE_OF[type]?.filter((name) => name in into && into[name] !== null) ?? [];
    if (exclusive.length > 1)
      throw ambiguous(`the members "${exclusive.join('" and "')}" exclude each other`);
    return seen;
  }

  private value(value: Json, field: Field): Json {
    if (field.kind === 'one') return this.single(value, field);
    if (field.kind === 'list') {
      if (!Array.isArray(value)) throw wrongType(field.name);
      return value.map((entry: Json) => this.single(entry, field));
    }
    if (!isObject(value)) throw wrongType(field.name);
    for (const entry of Object.values(value)) this.single(entry, field);
    return value;
  }

  private single(value: Json, { name, isValue, messageType }: Field): Json {
    if (isValue !== undefined) {
      if (!isValue(value)) throw wrongType(name);
      return value;
    }
    const shape = messageShape(messageType);
    if (shape === undefined || !isObject(value)) throw wrongType(name);
    const into = newMembers<Json>();
    this.tasks.push({ from: value, shape, type: messageType, into });
    return into;
  }
}

function wrongType(name: string): Error {
  return ambiguous(`the member "${name}" has another type than MLflow knows`);
}
