import type { Owner } from '../grants/grant-set.js';

/** A registered model as MLflow lists it. */
export interface RegisteredRow {
  readonly name: string;
  readonly tags?: readonly { readonly key: string; readonly value?: string }[];
}

const IS_PROMPT = 'mlflow.prompt.is_prompt';

export function isPromptRow({ tags = [] }: RegisteredRow): boolean {
  return tags.some(({ key, value }) => key === IS_PROMPT && String(value).toLowerCase() === 'true');
}

export function registeredOwner(row: RegisteredRow): Owner {
  return { kind: isPromptRow(row) ? 'prompt' : 'model', name: row.name };
}
