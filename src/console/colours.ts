/**
 * The colour that the style sheet gives a class or a custom property now. A canvas cannot read `light-dark()`, but the
 * computed style of an element has it resolved.
 */
export function colourOf(name: string): string {
  const probe = document.createElement('i');
  if (name.startsWith('--')) probe.style.setProperty('fill', `var(${name})`);
  else probe.className = name;
  document.body.append(probe);
  const colour = getComputedStyle(probe).fill;
  probe.remove();
  return colour;
}
