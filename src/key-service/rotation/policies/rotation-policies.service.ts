import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  MAX_LISTED_DELIVERIES,
  MAX_ROTATION_POLICIES,
  type RotationDeliveriesResponse,
  type RotationPolicyResource,
} from '../../../contracts/keys/rotation-policies.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { Clock } from '../../../platform/clock.js';
import { AuditWriter, type Actor } from '../../audit/audit-writer.js';
import { isUsable } from '../../records/key-record.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import { ServicesRepository } from '../../services/services.repository.js';
import type { Db } from '../../storage/database.schema.js';
import { requireSubject, requireTerms } from './policy-rules.js';
import type { PolicySubject, PolicyTerms, RotationPolicy } from './rotation-policy.js';
import { RotationStore } from '../rotation-store.js';
import { SuccessorDestinations } from '../destinations/successor-destinations.js';

/** Policies by which keys are replaced, as administrators make them. */
@Injectable()
export class RotationPoliciesService {
  constructor(
    private readonly store: RotationStore,
    private readonly services: ServicesRepository,
    private readonly destinations: SuccessorDestinations,
    private readonly audit: AuditWriter,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<RotationPolicyResource[]> {
    const { reads } = this.store.database;
    const policies = await this.store.policies.list(reads);
    const delivered = await this.store.rotations.lastDelivered(reads);
    const shown: RotationPolicyResource[] = [];
    for (const policy of policies) shown.push(await this.show(policy, delivered));
    return shown;
  }

  /** @throws ProblemError 404 */
  async get(id: string): Promise<RotationPolicyResource> {
    return this.shown(requirePolicy(await this.store.policies.find(this.store.database.reads, id)));
  }

  /** Successors that wait for delivery, and for how many of them an attempt has failed. */
  pending(): Promise<{ open: number; failing: number }> {
    return this.store.rotations.counts(this.store.database.reads);
  }

  async deliveries(): Promise<RotationDeliveriesResponse> {
    const { reads } = this.store.database;
    const waiting = await this.store.rotations.waiting(reads, MAX_LISTED_DELIVERIES);
    const { open } = await this.store.rotations.counts(reads);
    return {
      deliveries: waiting.map((rotation) => ({
        delivery_id: rotation.id,
        policy_id: rotation.policyId,
        key_id: rotation.keyId,
        new_key_id: rotation.successorId,
        created_at: rotation.createdAt,
        attempts: rotation.attempts,
        last_error: rotation.lastError,
        next_attempt_at: rotation.dueAt,
      })),
      total: open,
    };
  }

  /** @throws ProblemError 400; 409 where there is one for these keys, or there are `MAX_ROTATION_POLICIES` */
  async create(actor: Actor, wanted: PolicySubject & PolicyTerms): Promise<RotationPolicyResource> {
    requireSubject(wanted);
    requireTerms(wanted, wanted, this.destinations);
    const policy = { ...wanted, id: randomUUID(), createdAt: this.now(), createdBy: actor.name };
    await this.store.database.transaction(async (db) => {
      await this.requireSubjectThere(db, policy);
      if ((await this.store.policies.count(db)) >= MAX_ROTATION_POLICIES)
        throw conflict(`There are ${MAX_ROTATION_POLICIES} policies already. Remove one first.`);
      if (!(await this.store.policies.add(db, policy)))
        throw conflict('There is a policy for these keys already. Change that one.');
      await this.write(db, actor, 'created', policy, describe(policy));
    });
    return this.shown(policy);
  }

  /** @throws ProblemError 400; 404 */
  async update(actor: Actor, id: string, changes: Partial<PolicyTerms>): Promise<RotationPolicyResource> {
    const now = this.now();
    const policy = await this.store.database.transaction(async (db) => {
      const before = requirePolicy(await this.store.policies.hold(db, id));
      const after = { ...before, ...withoutOldSecret(changes), ...changes };
      requireTerms(after, after, this.destinations);
      const changed = differences(before, after);
      // Somebody who corrects a policy expects an attempt at once.
      await this.store.rotations.hurry(db, id, now);
      if (Object.keys(changed).length === 0) return before;
      await this.store.policies.update(db, id, after);
      await this.write(db, actor, 'updated', after, changed);
      return after;
    });
    return this.shown(policy);
  }

  /** Undelivered successors are cancelled by the next run of the planner. @throws ProblemError 404 */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.store.database.transaction(async (db) => {
      const policy = requirePolicy(await this.store.policies.remove(db, id));
      await this.write(db, actor, 'removed', policy, describe(policy));
    });
  }

  /** @throws ProblemError 400 for a service or a key that is not there */
  private async requireSubjectThere(db: Db, { keyId, serviceId }: PolicySubject): Promise<void> {
    if (serviceId !== null) await this.services.requireRegistered(db, [serviceId], 'service_id');
    if (keyId === null) return;
    const key = await this.store.keys.find(db, keyId);
    if (!key || !isUsable(key, this.now()) || key.rotatedToId !== null)
      throw invalidFields([{ field: 'key_id', message: 'must be an active key without a successor' }]);
  }

  private async write(
    db: Db,
    actor: Actor,
    what: 'created' | 'updated' | 'removed',
    { id, keyId }: RotationPolicy,
    details: object,
  ): Promise<void> {
    await this.audit.append(db, actor, this.now(), [
      { action: `rotation-policy.${what}`, keyId, details: { policy_id: id, ...details } },
    ]);
  }

  private async shown(policy: RotationPolicy): Promise<RotationPolicyResource> {
    return this.show(policy, await this.store.rotations.lastDelivered(this.store.database.reads));
  }

  private async show(
    policy: RotationPolicy,
    delivered: ReadonlyMap<string, string>,
  ): Promise<RotationPolicyResource> {
    const nowMs = this.clock.now();
    const { active, due } = await this.store.policies.counts(policy, nowMs);
    return {
      policy_id: policy.id,
      ...describe(policy),
      created_at: policy.createdAt,
      created_by: policy.createdBy,
      warns_only: !this.destinations.handsOver(policy),
      active_keys: active,
      due_keys: due,
      next_rotation_at: (await this.store.policies.nextDue(policy, nowMs)) ?? null,
      last_delivered_at: delivered.get(policy.id) ?? null,
    };
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

type Described = Omit<
  RotationPolicyResource,
  | 'policy_id'
  | 'created_at'
  | 'created_by'
  | 'warns_only'
  | 'active_keys'
  | 'due_keys'
  | 'next_rotation_at'
  | 'last_delivered_at'
>;

/** A policy by its names on the wire. */
function describe(policy: PolicySubject & PolicyTerms): Described {
  return {
    key_id: policy.keyId,
    service_id: policy.serviceId,
    environment: policy.environment,
    max_age_days: policy.maxAgeDays,
    overlap_seconds: policy.overlapSeconds,
    delivery: policy.delivery,
    secret_id: policy.secretId,
    description: policy.description,
  };
}

/** Each field that differs, with its old and new value. */
function differences(before: RotationPolicy, after: RotationPolicy): Record<string, unknown> {
  const [old, current] = [describe(before), describe(after)] as Record<string, unknown>[];
  const changed = Object.entries(current as object).filter(([field, to]) => old?.[field] !== to);
  return Object.fromEntries(changed.map(([field, to]) => [field, { from: old?.[field], to: to as unknown }]));
}

/** The secret id is removed together with its delivery. */
function withoutOldSecret({ delivery }: Partial<PolicyTerms>): Partial<PolicyTerms> {
  return delivery === undefined || delivery === 'aws-secrets-manager' ? {} : { secretId: null };
}

function requirePolicy(policy: RotationPolicy | undefined): RotationPolicy {
  if (policy) return policy;
  throw new ProblemError('resource-not-found', {
    message: 'No such rotation policy. GET /api/v1/rotation-policies lists them.',
  });
}

function conflict(message: string): ProblemError {
  return new ProblemError('conflict', { message, reason: 'rotation-policy-conflict' });
}
