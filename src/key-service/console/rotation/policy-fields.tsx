import { ChoiceField, TextField, type FormState } from '../parts/form-parts.js';
import { lengthWords } from './policy-words.js';

const OVERLAPS_SECONDS = [0, 3600, 86_400, 172_800, 604_800, 2_592_000];

/** When keys are replaced, and where the new ones go. */
export function PolicyTerms({ state }: { state: FormState }) {
  const chosen = Number(state.values.get('overlap_seconds'));
  // One that the API made may have any length.
  const overlaps = [...new Set([...OVERLAPS_SECONDS, ...(Number.isInteger(chosen) ? [chosen] : [])])];
  return (
    <>
      <div class="pair">
        <TextField
          name="max_age_days"
          label="Longest age of a key, in days"
          type="number"
          state={state}
          required
        />
        <ChoiceField
          name="overlap_seconds"
          label="The old key goes on for"
          state={state}
          options={overlaps
            .sort((a, b) => a - b)
            .map((seconds) => [String(seconds), seconds === 0 ? 'no time' : lengthWords(seconds)] as const)}
        />
      </div>
      <div class="pair">
        <ChoiceField
          name="delivery"
          label="The new key goes to"
          state={state}
          options={[
            ['', 'nobody: only warn'],
            ['webhook', 'the webhook'],
            ['aws-secrets-manager', 'AWS Secrets Manager'],
          ]}
          hint="Webhook and Secrets Manager are set up on the key service."
        />
        <TextField
          name="secret_id"
          label="Secret"
          state={state}
          hint="With Secrets Manager: name or ARN. {first_key_id} in it gives each key its own."
          max={400}
        />
      </div>
      <TextField name="description" label="Description" state={state} />
    </>
  );
}
