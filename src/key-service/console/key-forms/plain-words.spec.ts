import { SCOPES } from '../../../contracts/access/scopes.js';
import { grantWords, scopeWords } from './plain-words.js';

it('every scope has a sentence of its own', () => {
  const sentences = SCOPES.map(scopeWords);
  expect(new Set(sentences).size).toBe(SCOPES.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^(?:Sees|Does|Uses|Calls|Manages).+[.]$/);
});

it('a scope that this version does not know is said to give nothing', () => {
  for (const scope of ['model:own', 'model', 'other:read', 'mlflow:*', ''])
    expect(scopeWords(scope)).toBe('Gives nothing that this version knows.');
});

it('every grant has a sentence', () => {
  const words = grantWords({
    experiments: [
      { id: '12', level: 'write' },
      { name: 'team-a/*', level: 'read' },
      { name: 'one', level: 'manage' },
    ],
    models: [{ name: '*', level: 'read' }],
    prompts: [{ name: 'greeting', level: 'write' }],
    endpoints: [{ name: 'gpt-*', level: 'invoke' }],
    workspaces: ['team-a'],
  });
  expect(words).toEqual([
    'Sees and changes the experiment with the id 12.',
    'Sees the experiments named “team-a/*”.',
    'Sees, changes, renames, deletes and restores the experiment “one”.',
    'Sees all models.',
    'Sees and changes the prompt “greeting”.',
    'Calls the endpoints named “gpt-*”.',
    'Works in the workspace “team-a”.',
  ]);
});
