import type {
  CreateRotationPolicyRequest,
  RotationDeliveriesResponse,
  RotationPoliciesResponse,
  RotationPolicyResource,
  UpdateRotationPolicyRequest,
} from '../../contracts/keys/rotation-policies.js';
import { ROUTE_ROTATION_DELIVERIES, ROUTE_ROTATION_POLICIES } from '../../contracts/http/routes.js';
import { pathSegment } from '../http/query.js';
import type { CallOptions } from '../http/transport.types.js';
import { AuthReports } from './auth-reports.js';

/** Without these an answer is not the key service's. */
const POLICY = { policy_id: 'string' } as const;
const POLICIES = { policies: [POLICY] } as const;
const DELIVERIES = { deliveries: [{ delivery_id: 'string' }], total: 'number' } as const;

/** Policies by which the key service replaces keys. Needs an admin token. */
export abstract class AuthRotationPolicies extends AuthReports {
  /** The most specific first. */
  rotationPolicies(options?: CallOptions): Promise<RotationPoliciesResponse> {
    return this.management.ask({ method: 'GET', path: ROUTE_ROTATION_POLICIES, needs: POLICIES }, options);
  }

  /** For one key, or the keys of a service, an environment or both. Without a delivery it only warns. */
  createRotationPolicy(
    policy: CreateRotationPolicyRequest,
    options?: CallOptions,
  ): Promise<RotationPolicyResource> {
    const path = ROUTE_ROTATION_POLICIES;
    return this.management.ask({ method: 'POST', path, json: policy, needs: POLICY }, options);
  }

  /** What the policy has not handed over is tried again at once. */
  updateRotationPolicy(
    policyId: string,
    changes: UpdateRotationPolicyRequest,
    options?: CallOptions,
  ): Promise<RotationPolicyResource> {
    // The same change twice is the same change.
    const request = { method: 'PATCH', json: changes, repeatable: true, needs: POLICY } as const;
    return this.management.ask({ ...request, path: policyPath(policyId) }, options);
  }

  /** What the policy has not handed over is cancelled. */
  async removeRotationPolicy(policyId: string, options?: CallOptions): Promise<void> {
    const path = policyPath(policyId);
    await this.management.ask({ method: 'DELETE', path, mayBeEmpty: true }, options);
  }

  /** New keys that are not handed over yet, and why. */
  rotationDeliveries(options?: CallOptions): Promise<RotationDeliveriesResponse> {
    const path = ROUTE_ROTATION_DELIVERIES;
    return this.management.ask({ method: 'GET', path, needs: DELIVERIES }, options);
  }
}

function policyPath(policyId: string): string {
  return `${ROUTE_ROTATION_POLICIES}/${pathSegment('policyId', policyId)}`;
}
