import { KEY_BEGINNINGS } from '../../../lib/keys/key-pattern.js';
import type { Texts } from './texts.js';

export const TEXTS_EN: Texts = {
  lang: 'en',
  signIn: {
    title: 'Sign in to MLflow',
    keyLabel: 'API key',
    keyHint: `It begins with ${KEY_BEGINNINGS.join(' or ')}. Your key administrator gives you one.`,
    submit: 'Sign in',
    privacy: 'The key is kept in an encrypted cookie that scripts cannot read, until you sign out.',
    reasons: {
      ended: () => 'Your session has ended. Sign in again to go on where you were.',
      refused: () =>
        'This key was not accepted. Check that it is complete; it may also have expired or been revoked.',
      forbidden: () => 'This key may not be used here. Ask your key administrator.',
      address: () => 'This key may not be used from your network address. Ask your key administrator.',
      scope: () =>
        'This key does not open MLflow. Ask your key administrator for one with the scope mlflow:access.',
      unavailable: () => 'Keys cannot be checked right now. Your key was not refused: try again in a moment.',
      limited: (seconds) =>
        seconds > 0
          ? `Too many keys from your address were refused. Try again in ${seconds} seconds.`
          : 'Too many keys from your address were refused. Try again in a minute.',
      'too-often': () => 'This key has signed in too often in the last hour. Try again in some minutes.',
      'signed-out': () => 'You are signed out.',
      https: () =>
        'Sign-in needs a secure connection. Open this page with https:// instead of http://, or tell the operator.',
    },
  },
  signOut: {
    title: 'Sign out of MLflow',
    question: 'This ends the session in this browser, in all of its windows.',
    submit: 'Sign out',
  },
  session: {
    title: 'Your session',
    key: 'Key',
    keyId: 'Key id',
    user: 'Owner',
    scopes: 'Scopes',
    addresses: 'Allowed addresses',
    keyEnds: 'Key ends',
    sessionEnds: 'Session ends',
    hour: 'Left this hour',
    burst: 'Left at once',
    any: 'any',
    none: 'none',
    never: 'never',
    unknown: 'not known',
    left: (remaining, limit) => `${remaining.toLocaleString('en')} of ${limit.toLocaleString('en')} requests`,
    back: 'Back to MLflow',
    signOut: 'Sign out',
  },
  script: {
    ended: 'Your session has ended',
    endedAdvice: 'Sign in again to go on where you are. What you have not saved is lost.',
    forbidden: 'This is not allowed with your key',
    signIn: 'Sign in again',
    signOut: 'Sign out',
    session: 'Session',
    close: 'Close',
  },
};
