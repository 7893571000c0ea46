import { Controller, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { ExplainKeyRequest } from '../../../contracts/keys/access-explain.js';
import type { FieldProblem } from '../../../contracts/errors/problem.js';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { GatewayExplanations } from '../../invalidation/gateway-explanations.js';
import { KeysService } from '../../keys/keys.service.js';
import { statedFactsOf } from '../../records/stated-facts.js';
import { KeyId } from '../../request-fields/key-id.decorator.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { ConsolePages, formOf, given, nameOf } from '../sign-in/console-requests.js';
import { EXPLAINED_METHODS, type ExplainView } from './explain-part.js';
import { keyPage } from './key.page.js';
import { KeyViews } from './key-views.js';

/** Answers on the page of a key whether a request of it would pass. A form that is posted leaves nothing in an address or a log. */
@Controller(`${CONSOLE_KEYS}/:id/explain`)
@ConsolePages()
export class ExplainScreenController {
  constructor(
    private readonly keys: KeysService,
    private readonly views: KeyViews,
    private readonly gateways: GatewayExplanations,
  ) {}

  @Post()
  async explain(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    const question = questionIn(form);
    const explain: ExplainView = Array.isArray(question)
      ? { values: form, problem: invalidFields(question) }
      : { values: form, answers: await this.answers(id, question) };
    sendPage(response, keyPage(nameOf(actor), { ...(await this.views.of(id, '24h')), explain }));
  }

  private async answers(id: string, question: Omit<ExplainKeyRequest, 'key'>) {
    return this.gateways.of({ ...question, key: statedFactsOf(await this.keys.get(id)) });
  }
}

/** @returns what is wrong with the form, if no gateway can be asked about it */
function questionIn(form: URLSearchParams): Omit<ExplainKeyRequest, 'key'> | FieldProblem[] {
  const { method = '', path = '', body, client_ip } = given(form);
  // For a whole address, as pasted from a log, the part after the host is used.
  const below = path.replace(/^https?:\/\/[^/?#]+/i, '');
  const problems: FieldProblem[] = [
    ...(EXPLAINED_METHODS.includes(method)
      ? []
      : [{ field: 'method', message: 'must be one of the methods in the list' }]),
    ...(below.startsWith('/')
      ? []
      : [{ field: 'path', message: 'must begin with a slash, such as /api/2.0/mlflow/runs/get?run_id=…' }]),
    ...(client_ip === undefined || isIP(client_ip) !== 0
      ? []
      : [{ field: 'client_ip', message: 'must be one address, such as 10.0.1.7' }]),
  ];
  if (problems.length > 0) return problems;
  return {
    method,
    path: below,
    ...(body !== undefined && { body }),
    ...(client_ip !== undefined && { client_ip }),
  };
}
