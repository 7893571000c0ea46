import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import type {
  RotationDeliveriesResponse,
  RotationPoliciesResponse,
  RotationPolicyResource,
} from '../../../contracts/keys/rotation-policies.js';
import { ROUTE_ROTATION_DELIVERIES, ROUTE_ROTATION_POLICIES } from '../../../contracts/http/routes.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { JsonBody } from '../../request-fields/json-body.decorator.js';
import { UuidParam } from '../../request-fields/key-id.decorator.js';
import { changesOf, policyOf } from './policy-spec.js';
import { RotationPlanner } from '../rotation-planner.js';
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
    const policy = await this.policies.create(actor, policyOf(fields));
    this.planner.wake();
    return policy;
  }

  @Patch(`${ROUTE_ROTATION_POLICIES}/:policy_id`)
  async update(
    @CurrentActor() actor: Actor,
    @PolicyId() id: string,
    @JsonBody(UpdateRotationPolicyFields) fields: UpdateRotationPolicyFields,
  ): Promise<RotationPolicyResource> {
    const policy = await this.policies.update(actor, id, changesOf(fields));
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
