import type { Operation } from '../../lib/http/openapi-document.js';

/** Of `/api/v1/rotation-policies` and `/api/v1/rotation-deliveries`. */
export const ROTATION_OPERATIONS: readonly Operation<'admin'>[] = [
  {
    method: 'get',
    path: '/api/v1/rotation-policies',
    id: 'listRotationPolicies',
    summary: 'Policies by which keys are replaced, the most specific first',
    caller: 'admin',
    success: [200, 'RotationPolicies'],
  },
  {
    method: 'post',
    path: '/api/v1/rotation-policies',
    id: 'createRotationPolicy',
    summary: 'Have the keys of a service or an environment, or one key, replaced before they are too old',
    caller: 'admin',
    body: 'CreateRotationPolicy',
    bodyRequired: true,
    success: [201, 'RotationPolicy'],
    problems: [409],
  },
  {
    method: 'patch',
    path: '/api/v1/rotation-policies/{policy_id}',
    id: 'updateRotationPolicy',
    summary: 'Change a policy; what it has not handed over is tried again at once',
    caller: 'admin',
    body: 'UpdateRotationPolicy',
    success: [200, 'RotationPolicy'],
    problems: [404],
  },
  {
    method: 'delete',
    path: '/api/v1/rotation-policies/{policy_id}',
    id: 'removeRotationPolicy',
    summary: 'Remove a policy; what it has not handed over is cancelled',
    caller: 'admin',
    success: [204],
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/v1/rotation-deliveries',
    id: 'listRotationDeliveries',
    summary: 'New keys of rotation policies that are not handed over yet, and why',
    caller: 'admin',
    success: [200, 'RotationDeliveries'],
  },
];
