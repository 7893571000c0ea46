const SHOWN_MS = 2000;

/** Puts a button behind an element that copies the element's text. */
export function offerCopying(source: HTMLElement): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain';
  button.textContent = 'Copy';
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(source.textContent).then(
      () => say('Copied'),
      () => say('Not allowed: select the text and copy it'),
    );
  });
  const say = (words: string): void => {
    button.textContent = words;
    setTimeout(() => (button.textContent = 'Copy'), SHOWN_MS);
  };
  button.setAttribute('aria-live', 'polite');
  source.after(button);
}
