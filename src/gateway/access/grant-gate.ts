import { Injectable } from '@nestjs/common';
import { HEADER_WORKSPACE } from '../../contracts/http/headers.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { readQuery } from '../../lib/http/query-pairs.js';
import type { RequestTarget } from '../../lib/http/request-target.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { UsageReportConfig } from '../config/usage-report.config.js';
import { isAmbiguous, judgedPath } from '../mlflow-routes/judged-path.js';
import { routeOf } from '../mlflow-routes/known-routes.js';
import { shapeOfRoute, type MessageShape } from '../mlflow-routes/message-shapes.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { pathParameters } from '../mlflow-routes/path-parameters.js';
import type { Route } from '../mlflow-routes/route.js';
import type { ForwardPlan } from '../principal/forward-plan.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { AccessMetrics } from './access.metrics.js';
import { decide, OPEN, type Need, type Resolved, type Verdict } from './grants/decide.js';
import { grantSetOf, type Owner } from './grants/grant-set.js';
import { workspaceOf } from './grants/workspace-of.js';
import { ambiguous } from './reading/ambiguous.js';
import { AskedRequest, headerOnce } from './reading/asked-request.js';
import type { HeldBytes } from './reading/body-collector.js';
import {
  bodyForm,
  readBodyFields,
  refuseBody,
  refuseStrayQuery,
  type BodyForm,
} from './reading/body-fields.js';
import { readQueryFields } from './reading/query-reader.js';
import { mapLater, then, type Later } from './resolve/later.js';
import type { Workspace } from './resolve/mlflow-lookup.js';
import type { Asker } from './resolve/owner-resolver.js';
import { RuleParts } from './rules/rule-parts.js';
import { UriGate } from './storage-uris/uri-gate.js';
import { BODY_OF_SPANS, tracesIn } from './rules/otlp.rules.js';
import { ruleOf } from './rules/rule-book.js';
import { BY_SCOPE_ALONE, type Access, type Rule, type Ruling } from './rules/rule.js';

/**
 * A request in the form that grants are checked against: one that a client sent, or one that somebody only asks about.
 */
export interface JudgedRequest {
  readonly method: string;
  readonly target: RequestTarget;
  /** Names and values alternating, as the client sent them. */
  readonly rawHeaders: readonly string[];
  readonly hasBody: boolean;
  /** The request may have a body, but the one who asks did not send it. */
  readonly maybeUnseen?: boolean;
  /**
   * The body, whole.
   *
   * @param maxBytes undefined for the configured bound
   */
  collect(maxBytes: number | undefined): Promise<Buffer>;
  /** Counts the memory for values that are made from the body, until the request is decided. */
  readonly held: HeldBytes;
}

/** What the grants of a key decide about one request. */
export interface Judgment {
  readonly route: Route;
  readonly verdict: Verdict;
  readonly plan: ForwardPlan | undefined;
  /** The body as the client sent it, where it was read. */
  readonly clientsBody?: Buffer | undefined;
  /** MLflow's workspace that it is about; undefined where none is named. */
  readonly workspace: Workspace;
  /** For usage, instead of the owners that were found: the owner that would have been enough. */
  readonly enough?: Owner | undefined;
}

/**
 * Compares the grants of a key with the resources that a request to MLflow names. It waits only for a body, or for
 * MLflow.
 */
@Injectable()
export class GrantGate {
  constructor(
    private readonly mlflow: MlflowConfig,
    private readonly parts: RuleParts,
    private readonly uris: UriGate,
    private readonly metrics: AccessMetrics,
    private readonly usage: UsageReportConfig,
  ) {}

  /** Whether the use of grants is reported. */
  get notesUse(): boolean {
    return this.usage.reportUrl !== undefined;
  }

  /** Whether requests of keys without grants must be checked too. */
  get watchesAll(): boolean {
    return this.uris.watchesAll;
  }

  /**
   * @returns undefined if there is nothing to decide: a path outside of MLflow, a call that names nothing, or a key
   *   without grants whose request gives MLflow no address
   * @throws ProblemError where the request cannot be decided. A missing grant does not throw: it is in the judgment,
   *   as `lacking`.
   */
  judge(request: JudgedRequest, facts: KeyFacts): Later<Judgment | undefined> {
    const judgment = this.judgeBy(request, facts);
    return judgment instanceof Promise ? judgment.finally(() => request.held.release()) : judgment;
  }

  private judgeBy(request: JudgedRequest, facts: KeyFacts): Later<Judgment | undefined> {
    const grants = grantSetOf(facts);
    const mount = mountOf(request.target.path);
    if (mount === undefined || request.method === 'OPTIONS') return undefined;
    const path = judgedPath(request.target, mount, this.mlflow.apiDialect);
    const route = isAmbiguous(request.target) ? undefined : routeOf(request.method, path);
    if (grants === undefined) return route && this.judgeUris(request, route, path);
    const rule = route && ruleOf(route);
    if (route === undefined || rule === undefined) throw this.undecided(request.method, route);
    const { workspace, isAnother } = workspaceOf(request.rawHeaders, grants.workspaces);
    const shared: ForwardPlan | undefined = isAnother ? { workspace: workspace ?? null } : undefined;
    if (rule === BY_SCOPE_ALONE && !this.uris.concerns(route, true))
      return workspace === undefined && !isAnother
        ? undefined
        : { route, verdict: OPEN, plan: shared, workspace };
    const access = this.accessOf({ grants, workspace });
    return then(this.ask(request, route, path, rule), (asked) =>
      then(this.uris.check(asked, true, access), () =>
        then(rule.judge(asked, access), (ruling) => judgmentOf(asked, ruling, { shared, workspace })),
      ),
    );
  }

  /**
   * A key without grants may name any resource, but it may still not choose the storage addresses that MLflow uses.
   */
  private judgeUris(request: JudgedRequest, route: Route, path: string): Later<Judgment | undefined> {
    if (!this.uris.concerns(route, false)) return undefined;
    const holdsSpans = route.family === 'otlp';
    return then(this.ask(request, route, path, holdsSpans ? BODY_OF_SPANS : {}), async (asked) => {
      if (holdsSpans) await tracesIn(asked);
      const workspace = headerOnce(request.rawHeaders, HEADER_WORKSPACE);
      await this.uris.check(asked, false, { workspace });
      return judgmentOf(asked, { verdict: OPEN }, { shared: undefined, workspace: undefined });
    });
  }

  private undecided(method: string, route: Route | undefined): ProblemError {
    this.metrics.undecidedCall(`${method} ${route?.template ?? 'unknown'}`);
    return new ProblemError('call-forbidden');
  }

  private ask(request: JudgedRequest, route: Route, path: string, rule: ReadingRule): Later<AskedRequest> {
    const { method, target, rawHeaders } = request;
    const query = readQuery(target.rawQuery);
    if (query === undefined) throw ambiguous('its query has broken percent-encoding');
    const form = rule.body ?? (this.uris.concerns(route, true) ? wholeForm(route) : bodyForm(route));
    const isGet = method === 'GET' || method === 'HEAD';
    const shape = shapeOfRoute(route);
    const known = {
      route,
      method: isGet ? 'GET' : method,
      path: pathParameters(route, path),
      rawPath: target.rawPath,
      query,
      rawQuery: target.rawQuery,
      isHead: method === 'HEAD',
      held: request.held,
      rawHeaders,
    };
    if (isGet && request.hasBody) throw refuseBody();
    if (isGet || route.ids.some(({ place }) => place === 'query'))
      return new AskedRequest({
        ...known,
        fields: readQueryFields(query, shape),
        place: 'query',
        bytes: undefined,
      });
    if (form === 'none') return new AskedRequest({ ...known, fields: {}, place: 'body', bytes: undefined });
    return this.askWithBody(request, rule, form, shape, known);
  }

  private async askWithBody(
    request: JudgedRequest,
    rule: ReadingRule,
    form: 'message' | 'json' | 'bytes',
    shape: MessageShape | undefined,
    known: Omit<AskedRequest['parts'], 'fields' | 'place' | 'bytes'>,
  ): Promise<AskedRequest> {
    if (request.maybeUnseen) throw new ProblemError('body-not-forwarded');
    const bytes = request.hasBody ? await request.collect(rule.maxBodyBytes) : Buffer.alloc(0);
    const fields = await readBodyFields(bytes, request.rawHeaders, form, {
      shape,
      anyContentType: rule.anyContentType === true,
      held: request.held,
    });
    return new AskedRequest({ ...known, fields, place: 'body', bytes: request.hasBody ? bytes : undefined });
  }

  private accessOf(asker: Asker): Access {
    return {
      ...asker,
      ...this.parts,
      decide: (needs) => then(this.resolve(needs, asker), (resolved) => decide(resolved, asker.grants)),
    };
  }

  /** Without duplicates: a batch names one run a thousand times. */
  private resolve(needs: readonly Need[], asker: Asker): Later<readonly Resolved[]> {
    const distinct = new Map<string, Need>();
    for (const need of needs) {
      const name = `${need.named.kind} ${need.level} ${need.named.id}`;
      if (!distinct.has(name)) distinct.set(name, need);
    }
    return mapLater([...distinct.values()], LOOKUPS_AT_ONCE, (need) =>
      this.parts.owners.resolve(need, asker),
    );
  }
}

/**
 * Look-ups of one request at a time. It may name thousands of resources, whose look-ups would delay those of other
 * requests.
 */
const LOOKUPS_AT_ONCE = 16;

/** How a request is read. */
type ReadingRule = Omit<Rule, 'judge'>;

/** A body without any id may still have an address. */
function wholeForm({ messages }: Route): BodyForm {
  return messages.length > 0 ? 'message' : 'json';
}

function judgmentOf(
  asked: AskedRequest,
  { verdict, plan, enough }: Ruling,
  { shared, workspace }: { shared: ForwardPlan | undefined; workspace: Workspace },
): Judgment {
  const { route, bytes } = asked.parts;
  if (verdict.lacking === undefined) refuseStrayQuery(asked.parts);
  const own: ForwardPlan = bytes && plan?.body === undefined ? { body: bytes, isClientsBody: true } : {};
  const whole: ForwardPlan = { ...own, ...plan, ...shared };
  return {
    ...{ route, verdict, workspace, enough, clientsBody: bytes },
    plan: Object.keys(whole).length > 0 ? whole : undefined,
  };
}
