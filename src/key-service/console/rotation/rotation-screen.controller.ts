import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { UuidParam } from '../../request-fields/key-id.decorator.js';
import { changesOf, policyOf } from '../../rotation/policies/policy-spec.js';
import { RotationPlanner } from '../../rotation/rotation-planner.js';
import { RotationPoliciesService } from '../../rotation/policies/rotation-policies.service.js';
import { CONSOLE_ROTATION } from '../frame/console-paths.js';
import { ConsolePages, formOf, nameOf, queryOf } from '../sign-in/console-requests.js';
import { fieldsOfNewPolicy, fieldsOfPolicyEdit, valuesOfNewPolicy, valuesOfPolicy } from './policy-form.js';
import { rotationPolicyPage } from './rotation-policy.page.js';
import { RotationViews } from './rotation-views.js';
import { rotationPage } from './rotation.page.js';

const PolicyId = (): ParameterDecorator =>
  UuidParam('id', 'No such rotation policy. It may have been removed meanwhile.');

/** Rotation policies as pages, by the same services as the API. */
@Controller(CONSOLE_ROTATION)
@ConsolePages()
export class RotationScreenController {
  constructor(
    private readonly policies: RotationPoliciesService,
    private readonly planner: RotationPlanner,
    private readonly views: RotationViews,
  ) {}

  @Get()
  async list(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const view = await this.views.now(queryOf(request).has('tried'));
    sendPage(response, rotationPage(nameOf(actor), view, { values: valuesOfNewPolicy() }));
  }

  @Post()
  async create(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    try {
      await this.policies.create(actor, policyOf(fieldsOfNewPolicy(form)));
    } catch (error) {
      const problem = refusal(error);
      const view = await this.views.now(false);
      return sendPage(response, rotationPage(nameOf(actor), view, { values: form, problem }));
    }
    this.done(response);
  }

  @Get(':id')
  async show(
    @CurrentActor() actor: Actor,
    @PolicyId() id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const policy = await this.policies.get(id);
    sendPage(response, rotationPolicyPage(nameOf(actor), policy, { values: valuesOfPolicy(policy) }));
  }

  @Post(':id')
  async save(
    @CurrentActor() actor: Actor,
    @PolicyId() id: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    try {
      await this.policies.update(actor, id, changesOf(fieldsOfPolicyEdit(form)));
    } catch (error) {
      const problem = refusal(error);
      const policy = await this.policies.get(id);
      return sendPage(response, rotationPolicyPage(nameOf(actor), policy, { values: form, problem }));
    }
    this.done(response);
  }

  /** What a policy has not handed over is tried again at once. */
  @Post(':id/retry')
  async retry(
    @CurrentActor() actor: Actor,
    @PolicyId() id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.policies.update(actor, id, {});
    this.done(response, '?tried=1');
  }

  @Post(':id/remove')
  async remove(
    @CurrentActor() actor: Actor,
    @PolicyId() id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.policies.remove(actor, id);
    this.done(response);
  }

  private done(response: ServerResponse, query = ''): void {
    this.planner.wake();
    sendSeeOther(response, CONSOLE_ROTATION + query);
  }
}

/** What a form may answer with. @throws anything else */
function refusal(error: unknown): ProblemError {
  if (error instanceof ProblemError && (error.status === 400 || error.status === 409)) return error;
  throw error;
}
