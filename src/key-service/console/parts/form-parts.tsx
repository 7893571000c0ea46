import type { ComponentChildren } from 'preact';
import type { ProblemError } from '../../../lib/http/problem-error.js';

/** What a form shows: its values, and what was wrong with those that were sent. */
export interface FormState {
  readonly values: URLSearchParams;
  readonly problem?: ProblemError;
}

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly state: FormState;
  readonly hint?: string;
}

/** A line of text. */
export function TextField({
  type = 'text',
  required,
  list,
  max,
  ...field
}: FieldProps & {
  type?: 'text' | 'number' | 'date' | 'datetime-local';
  required?: boolean;
  list?: string;
  max?: number;
}) {
  const { name, state } = field;
  return (
    <Field {...field}>
      <input
        {...marks(field)}
        type={type}
        name={name}
        value={state.values.get(name) ?? ''}
        required={required}
        list={list}
        maxlength={type === 'text' ? (max ?? 500) : undefined}
        min={type === 'number' ? 1 : undefined}
        step={type === 'datetime-local' ? 1 : undefined}
        autocomplete="off"
      />
    </Field>
  );
}

/** Several lines. */
export function LinesField({ label, ...field }: FieldProps) {
  return (
    <Field label={label} {...field}>
      <textarea {...marks(field)} name={field.name} spellcheck={false}>
        {/* A textarea leaves out a line break that it begins with. */}
        {`\n${field.state.values.get(field.name) ?? ''}`}
      </textarea>
    </Field>
  );
}

export function ChoiceField({
  options,
  ...field
}: FieldProps & { options: readonly (readonly [value: string, words: string])[] }) {
  const { name, state } = field;
  return (
    <Field {...field}>
      <select {...marks(field)} name={name}>
        {options.map(([value, words]) => (
          <option value={value} selected={state.values.get(name) === value}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** What was wrong with the values that were sent, in front of the form. */
export function Problem({ problem }: { problem: ProblemError | undefined }) {
  if (!problem) return null;
  const { fields = [] } = problem;
  return (
    <div class="notice bad" role="alert">
      {fields.length === 0 ? (
        problem.message
      ) : (
        <>
          Nothing was changed. Please look at:
          <ul>
            {fields.map(({ field, message }) => (
              <li>
                <a href={`#${field}`}>{words(field)}</a> {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

export function problemOf({ problem }: FormState, name: string): string | undefined {
  return problem?.fields?.find(({ field }) => field === name)?.message;
}

function Field({
  name,
  label,
  state,
  hint,
  children,
}: Omit<FieldProps, 'state'> & { state: FormState; children: ComponentChildren }) {
  const problem = problemOf(state, name);
  return (
    <div>
      <label for={name}>{label}</label>
      {children}
      {hint !== undefined && (
        <p id={`${name}-hint`} class="hint">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${name}-problem`} class="bad">
          {`It ${problem}.`}
        </p>
      )}
    </div>
  );
}

function marks({ name, state, hint }: Omit<FieldProps, 'label'>) {
  const isWrong = problemOf(state, name) !== undefined;
  const about = [...(hint === undefined ? [] : [`${name}-hint`]), ...(isWrong ? [`${name}-problem`] : [])];
  return {
    id: name,
    'aria-describedby': about.length === 0 ? undefined : about.join(' '),
    'aria-invalid': isWrong ? ('true' as const) : undefined,
  };
}

function words(field: string): string {
  const text = field.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
