/** A request that has had no answer by then may be sent again. */
const SENT_FOR_MS = 10_000;

/**
 * Sends a form once: a browser drops the answer to the first of two clicks, which may be the only page that shows a new
 * key.
 */
export function sendOnce(form: HTMLFormElement): void {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(() => (sent = false), SENT_FOR_MS);
  });
}
