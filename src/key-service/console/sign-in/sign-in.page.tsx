import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_SIGN_IN } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';

export const SIGN_IN_REASONS = {
  refused: [401, 'This admin token is not accepted.'],
  limited: [429, 'Too many wrong tokens came from your address. Wait a minute, and try again.'],
  https: [403, 'Open the console by HTTPS: over plain HTTP your session could be read on the way.'],
  'signed-out': [200, 'You are signed out.'],
} as const;

export type SignInReason = keyof typeof SIGN_IN_REASONS;

/** The form that takes an admin token; the token never stands in a page. */
export function signInPage(next: string, why?: SignInReason): Page {
  const [status, text] = why ? SIGN_IN_REASONS[why] : [200, undefined];
  const isBad = status !== 200;
  return framed({
    title: 'Sign in to manage keys',
    status,
    children: (
      <>
        {text !== undefined && (
          <p id="problem" class={isBad ? 'notice bad' : 'notice'} role={isBad ? 'alert' : 'status'}>
            {text}
          </p>
        )}
        {why !== 'https' && (
          <form method="post" action={CONSOLE_SIGN_IN}>
            <input type="hidden" name="next" value={next} />
            <label for="token">Admin token</label>
            <input
              id="token"
              name="token"
              type="password"
              autocomplete="current-password"
              maxlength={1024}
              required
              autofocus
              aria-describedby={why === 'refused' ? 'hint problem' : 'hint'}
              aria-invalid={why === 'refused' ? 'true' : undefined}
            />
            <p id="hint" class="hint">
              Your own entry of HOKUSAI_ADMIN_TOKEN. The audit log records what you change under your name.
            </p>
            <p>
              <button>Sign in</button>
            </p>
          </form>
        )}
      </>
    ),
  });
}
