import { IsIn, IsInt, Max, Min } from 'class-validator';
import { SHADOW_RULES, type ShadowRule } from '../../contracts/access/shadow.js';
import { Env } from '../../platform/config/env.js';

/** What scopes open, where a choice is left. */
export class AccessConfig {
  @Env('MLFLOW_ACCESS_INCLUDES_ADMIN', {
    kind: 'boolean',
    about:
      'The scope mlflow:access also opens webhooks, users, workspaces, gateway secrets and job submission; false: only the scope admin does',
  })
  accessIncludesAdmin = true;

  @Env('ACCESS_UNKNOWN_ROUTES', {
    about:
      'Routes of MLflow that this release does not know: allow forwards them for keys with mlflow:access, deny for nobody',
  })
  @IsIn(['allow', 'deny'])
  unknownRoutes: 'allow' | 'deny' = 'allow';

  @Env('ACCESS_MODE', {
    about:
      'enforce, or shadow: requests pass that the rules of ACCESS_SHADOW would refuse, and are logged; keys and scopes still hold',
  })
  @IsIn(['enforce', 'shadow'])
  mode: 'enforce' | 'shadow' = 'enforce';

  @Env('ACCESS_SHADOW', {
    kind: 'list',
    about:
      'Rules in shadow mode while ACCESS_MODE is enforce, separated by commas: unknown-route, parser, grants, ssrf',
  })
  @IsIn(SHADOW_RULES, {
    each: true,
    message: '$property must hold unknown-route, parser, grants and ssrf only',
  })
  shadow: ShadowRule[] = [];

  @Env('STORAGE_URI_POLICY', {
    about:
      'Which storage locations and addresses of servers keys without grants may give to MLflow: off any, schemes those of STORAGE_URI_SCHEMES, managed none, as for keys with grants at all times',
  })
  @IsIn(['off', 'schemes', 'managed'])
  storageUriPolicy: 'off' | 'schemes' | 'managed' = 'off';

  @Env('STORAGE_URI_SCHEMES', {
    kind: 'list',
    about: 'Schemes of storage locations that STORAGE_URI_POLICY=schemes lets pass, separated by commas',
  })
  storageUriSchemes: string[] = ['s3', 'gs', 'wasbs', 'abfss', 'mlflow-artifacts'];

  @Env('ACCESS_MAX_BODY_BYTES', {
    kind: 'integer',
    unit: 'bytes',
    about:
      'Longest request body that is read to find out what a request names, for keys with grants; artifacts and other uploads are not read. A longer one is 413',
  })
  @IsInt()
  @Min(65_536)
  @Max(268_435_456)
  maxBodyBytes = 4_194_304;

  @Env('ACCESS_MAX_BODIES_BYTES', {
    kind: 'integer',
    unit: 'bytes',
    about:
      'Such bodies, and answers that are read, in memory at once, all together and with what is made of them to read them, each replica; beyond it requests get 503, or 429 where it is one key that has too many',
  })
  @IsInt()
  @Min(1_048_576)
  @Max(17_179_869_184)
  maxBodiesBytes = 268_435_456;

  @Env('ACCESS_LOOKUP_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about:
      'Longest wait for MLflow to say which experiment a run, a model or a trace belongs to, for keys with grants; then 503',
  })
  @IsInt()
  @Min(100)
  @Max(120_000)
  lookupTimeoutMs = 5000;

  check(): string[] {
    const closed = this.storageUriSchemes.filter((scheme) => CLOSED_SCHEMES.has(scheme));
    const wrong = this.storageUriSchemes.filter((scheme) => !/^[a-z][a-z0-9+.-]*$/.test(scheme));
    return [
      ...(closed.length === 0
        ? []
        : [
            `STORAGE_URI_SCHEMES must not hold ${closed.join(', ')}, which reach MLflow's host or any server`,
          ]),
      ...(wrong.length === 0 ? [] : [`STORAGE_URI_SCHEMES must hold names such as s3: ${wrong.join(', ')}`]),
    ];
  }
}

const CLOSED_SCHEMES: ReadonlySet<string> = new Set(['file', 'http', 'https', 'ftp', 'data', 'jar']);
