import type { Need } from '../grants/decide.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { Source } from './rule.js';

/** How a judge or an optimizer names an endpoint of MLflow's AI gateway. */
const MODEL = /^\s*gateway:\/+(.*?)\s*$/is;

/**
 * Endpoints that a text of JSON names anywhere in it: MLflow will call them for whoever sends it.
 *
 * @param name as the route table has it; absent is none
 */
export function gatewayModels(name: string): Source {
  return (asked) =>
    asked.read(name).flatMap(({ text, at }) =>
      text === ''
        ? []
        : textsIn(text, name).flatMap((model): Need[] => {
            const endpoint = MODEL.exec(model)?.[1];
            return endpoint === undefined
              ? []
              : [{ named: { kind: 'endpoint', id: endpoint, at }, level: 'invoke' }];
          }),
    );
}

function textsIn(json: string, name: string): string[] {
  const texts: string[] = [];
  try {
    // Members too: nothing says where a name may stand.
    JSON.parse(json, (member, value: unknown) => {
      texts.push(member);
      if (typeof value === 'string') texts.push(value);
      return value;
    });
  } catch {
    throw ambiguous(`"${name}" is no JSON`);
  }
  return texts;
}
