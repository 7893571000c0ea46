import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import type {
  RotationDeliveriesResponse,
  RotationPoliciesResponse,
  RotationPolicyResource,
} from '../../contracts/rotation-policies.js';
import { ROUTE_ROTATION_DELIVERIES, ROUTE_ROTATION_POLICIES } from '../../contracts/routes.js';
import { CurrentActor } from '../admin-auth/current-actor.decorator.js';
import type { Actor } from '../audit/audit-writer.js';
import { JsonBody } from '../request-fields/json-body.decorator.js';
import { UuidParam } from '../request-fields/key-id.decorator.js';
import { RotationPlanner } from './rotation-planner.js';
import { CreateRotationPolicyFields, UpdateRotationPolicyFields } from './rotation-policies.fields.js';
import { RotationPoliciesService } from './rotation-policies.service.js';

const PolicyId = (): ParameterDecorator =>
  UuidParam('policy_id', 'No such rotation policy. Check the policy id in the path.');

/** `/api/v1/rotation-policies` and `/api/v1/rotation-deliveries`, with an admin token. */
@Controller()
export class RotationPoliciesController {
  constructor(
    private readonly policies: RotationPoliciesService,
    private readonly planner: RotationPlanner,
  ) {}

  @Get(ROUTE_ROTATION_POLICIES)
  async list(): Promise<RotationPoliciesResponse> {
    return { policies: await this.policies.list() };
  }

  @Post(ROUTE_ROTATION_POLICIES)
  async create(
    @CurrentActor() actor: Actor,
    @JsonBody(CreateRotationPolicyFields) fields: CreateRotationPolicyFields,
  ): Promise<RotationPolicyResource> {
    const policy = await this.policies.create(actor, {
      keyId: fields.key_id?.toLowerCase() ?? null,
      serviceId: fields.service_id ?? null,
      environment: fields.environment ?? null,
      maxAgeDays: fields.max_age_days,
      overlapSeconds: fields.overlap_seconds,
      delivery: fields.delivery ?? null,
      secretId: fields.secret_id ?? null,
      description: fields.description ?? null,
    });
    this.planner.wake();
    return policy;
  }

  @Patch(`${ROUTE_ROTATION_POLICIES}/:policy_id`)
  async update(
    @CurrentActor() actor: Actor,
    @PolicyId() id: string,
    @JsonBody(UpdateRotationPolicyFields) fields: UpdateRotationPolicyFields,
  ): Promise<RotationPolicyResource> {
    const policy = await this.policies.update(actor, id, {
      ...(fields.max_age_days !== undefined && { maxAgeDays: fields.max_age_days }),
      ...(fields.overlap_seconds !== undefined && { overlapSeconds: fields.overlap_seconds }),
      ...(fields.delivery !== undefined && { delivery: fields.delivery }),
      ...(fields.secret_id !== undefined && { secretId: fields.secret_id }),
      ...(fields.description !== undefined && { description: fields.description }),
    });
    this.planner.wake();
    return policy;
  }

  @Delete(`${ROUTE_ROTATION_POLICIES}/:policy_id`)
  @HttpCode(204)
  async remove(@CurrentActor() actor: Actor, @PolicyId() id: string): Promise<void> {
    await this.policies.remove(actor, id);
    this.planner.wake();
  }

  @Get(ROUTE_ROTATION_DELIVERIES)
  deliveries(): Promise<RotationDeliveriesResponse> {
    return this.policies.deliveries();
  }
}
