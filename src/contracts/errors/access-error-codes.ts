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
    detail: 'The request gives MLflow an address that this gateway does not allow',
    advice: 'Leave the address out or correct it, or ask the operator to change STORAGE_URI_POLICY.',
  },
  'body-not-forwarded': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Body not forwarded',
    detail: 'This call can only be decided by its body, and the proxy did not send the body to the gateway',
    advice:
      'Send the request to the gateway itself, or ask the operator for a proxy that sends bodies to the gateway.',
  },
  'gateway-required': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Only through the gateway',
    detail:
      'This request or its answer must be restricted to what the API key is granted, and this proxy cannot do that',
    advice:
      'Send the request to the gateway itself. If a workspace is missing, name it in the header X-MLFLOW-WORKSPACE.',
  },
} as const satisfies Record<string, CatalogueEntry>;
