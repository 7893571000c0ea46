import type { CatalogueEntry } from './catalogue-entry.js';

/** Refusals of what a request would have MLflow do, and of questions about requests; a part of the error catalogue. */
export const ACCESS_ERRORS = {
  'authz-peer-unknown': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Peer not trusted',
    detail: 'Only trusted proxies may ask for decisions',
    advice: 'Ask the operator to add the address of this proxy to AUTHZ_TRUSTED_PEERS.',
  },
  'storage-uri-forbidden': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Address refused',
    detail: 'The request gives MLflow an address that it may not be given',
    advice: 'Leave it out or correct it, or ask the operator (STORAGE_URI_POLICY).',
  },
  'body-not-shown': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Body not shown',
    detail: 'The body says what this call is about, and the proxy has not shown it to the gateway',
    advice: 'Send it to the gateway itself, or ask the operator for a proxy that shows bodies.',
  },
  'not-as-it-is': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Not as it is',
    detail:
      'This call, or its answer, is narrowed to what the API key is granted, which only the gateway itself can do',
    advice: 'Send it to the gateway itself; for a workspace, name it in the header X-MLFLOW-WORKSPACE.',
  },
} as const satisfies Record<string, CatalogueEntry>;
