import type { RotationPolicyResource } from '../../../contracts/keys/rotation-policies.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_ROTATION } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { Problem, type FormState } from '../parts/form-parts.js';
import { PolicyTerms } from './policy-fields.js';
import { subjectWords } from './policy-words.js';

/** Changes one policy, or removes it. */
export function rotationPolicyPage(admin: string, policy: RotationPolicyResource, state: FormState): Page {
  const path = `${CONSOLE_ROTATION}/${policy.policy_id}`;
  return framed({
    title: `Rotation of ${subjectWords(policy)}`,
    place: 'rotation',
    admin,
    status: state.problem?.status ?? 200,
    children: (
      <>
        <form class="fields" method="post" action={path}>
          <Problem problem={state.problem} />
          <p>New keys that wait to be handed over are tried again at once when you save.</p>
          <PolicyTerms state={state} />
          <div class="actions">
            <button>Save</button>
            <a href={CONSOLE_ROTATION}>Cancel</a>
          </div>
        </form>
        <h2>Remove it</h2>
        <form method="post" action={`${path}/remove`}>
          <p>
            Its keys are rotated by hand then, or by a wider policy. New keys that were not handed over are
            revoked; the old ones stay valid.
          </p>
          <button class="danger">Remove the policy</button>
        </form>
      </>
    ),
  });
}
