/**
 * The rooms under `src/` and what each may import besides itself; docs/architecture.md says why. Judged by the file
 * that an import resolves to, type-only imports included.
 */
const ROOMS = {
  contracts: [],
  lib: ['contracts'],
  platform: ['contracts', 'lib'],
  gateway: ['contracts', 'lib', 'platform'],
  'key-service': ['contracts', 'lib', 'platform'],
  console: ['contracts', 'lib'],
  sdk: ['contracts', 'lib'],
  cli: ['sdk'],
};

/** The folders inside a room, the same way. Files that lie directly in the room are free. */
const FOLDERS = {
  contracts: {
    http: [],
    errors: [],
    access: [],
    keys: ['access', 'errors'],
    usage: ['access'],
    admin: ['keys'],
  },
  platform: {
    config: [],
    logging: [],
    redis: ['config', 'logging'],
    request: ['logging'],
    'route-access': ['config', 'logging', 'request'],
    observability: ['config', 'logging', 'request', 'route-access'],
    tracing: ['config', 'logging', 'request'],
    http: ['config', 'logging', 'observability', 'request', 'route-access', 'tracing'],
    browser: ['request'],
    openapi: ['route-access'],
  },
  gateway: {
    config: [],
    principal: [],
    windows: [],
    'mlflow-routes': [],
    'mlflow-upstream': ['config', 'mlflow-routes'],
    resilience: ['config'],
    health: ['config'],
    usage: ['access', 'config', 'mlflow-routes', 'principal'],
    'rate-limit': ['config', 'mlflow-routes', 'principal', 'windows'],
    auth: ['config', 'principal', 'rate-limit', 'resilience', 'windows'],
    access: ['auth', 'config', 'mlflow-routes', 'mlflow-upstream', 'principal'],
    'mlflow-proxy': ['config', 'mlflow-routes', 'mlflow-upstream', 'principal'],
    browser: ['access', 'auth', 'config', 'mlflow-proxy', 'mlflow-routes', 'principal', 'rate-limit'],
    authz: ['config', 'mlflow-routes', 'principal'],
    openapi: ['browser'],
    explain: ['access', 'auth', 'config', 'mlflow-routes', 'principal', 'rate-limit'],
  },
  'key-service': {
    config: [],
    'request-fields': [],
    storage: ['config'],
    records: ['storage'],
    health: ['storage'],
    hashing: ['config', 'records', 'storage'],
    invalidation: ['config', 'storage'],
    audit: ['request-fields', 'storage'],
    'admin-auth': ['audit', 'config'],
    services: ['admin-auth', 'audit', 'request-fields', 'storage'],
    notices: ['config', 'records', 'storage'],
    keys: [
      'admin-auth',
      'audit',
      'config',
      'hashing',
      'invalidation',
      'records',
      'request-fields',
      'services',
      'storage',
    ],
    rotation: [
      'admin-auth',
      'audit',
      'config',
      'keys',
      'notices',
      'records',
      'request-fields',
      'services',
      'storage',
    ],
    usage: ['admin-auth', 'config', 'keys', 'request-fields', 'storage'],
    validation: [
      'admin-auth',
      'config',
      'hashing',
      'keys',
      'records',
      'request-fields',
      'services',
      'storage',
    ],
    openapi: ['audit', 'keys', 'request-fields', 'rotation', 'usage'],
    console: [
      'admin-auth',
      'audit',
      'config',
      'invalidation',
      'keys',
      'records',
      'request-fields',
      'rotation',
      'services',
      'storage',
      'usage',
      'validation',
    ],
    'legacy-import': ['audit', 'config', 'hashing', 'keys', 'records', 'storage'],
  },
  'key-service/console': {
    frame: [],
    parts: [],
    'sign-in': ['frame'],
    audit: ['frame', 'parts', 'sign-in'],
    'key-forms': ['frame', 'parts', 'sign-in'],
    keys: ['audit', 'frame', 'key-forms', 'parts', 'sign-in', 'usage'],
    overview: ['audit', 'frame', 'parts', 'sign-in', 'usage'],
    refusals: ['frame', 'parts', 'sign-in'],
    rotation: ['frame', 'parts', 'sign-in'],
    services: ['frame', 'parts', 'sign-in'],
    system: ['frame', 'parts', 'sign-in'],
    usage: ['frame', 'parts', 'sign-in'],
  },
  sdk: {
    http: [],
    auth: ['http'],
    mlflow: ['http', 'mock'],
    mock: ['http', 'mlflow'],
  },
  cli: {
    io: [],
    config: ['io'],
    checks: ['io'],
    verify: ['checks', 'io'],
    doctor: ['checks', 'io', 'verify'],
    commands: ['checks', 'config', 'doctor', 'io', 'verify'],
  },
};

/** Pure rooms run in any runtime, or at least without Nest, environment and sockets. */
const SERVER_PACKAGES = [
  '@nestjs',
  'express',
  'undici',
  'axios',
  'redis',
  'pg',
  'kysely',
  'pino',
  'prom-client',
];
const packages = (names) => `^node_modules/(?:${names.join('|')})(?:/|$)`;

const anyOf = (names) => (names.length === 1 ? names[0] : `(?:${names.join('|')})`);
const SPECS = '[.]spec[.]tsx?$';

/** A wall around a folder: imports that end below `inside`, but neither in the folder nor in what it may use. */
function wall(name, folder, inside, allowed) {
  return {
    name,
    severity: 'error',
    comment: `${folder} may import only ${['itself', ...allowed].join(', ')} (docs/architecture.md)`,
    from: { path: `^${folder}/`, pathNot: SPECS },
    to: {
      path: inside,
      pathNot: [folder, ...allowed.map((one) => `${folder.slice(0, folder.lastIndexOf('/'))}/${one}`)].map(
        (one) => `^${one}/`,
      ),
    },
  };
}

const roomWalls = Object.entries(ROOMS).map(([room, allowed]) =>
  wall(`room-${room}`, `src/${room}`, '^(?:src|test|scripts|bench)/', allowed),
);

const folderWalls = Object.entries(FOLDERS).flatMap(([room, folders]) =>
  Object.entries(folders).map(([folder, allowed]) =>
    wall(`folder-${room}-${folder}`, `src/${room}/${folder}`, `^src/${room}/[^/]+/`, allowed),
  ),
);

/** A folder without a line in FOLDERS would have no wall at all. */
const unlisted = Object.entries(FOLDERS).map(([room, folders]) => ({
  name: `unlisted-folder-${room}`,
  severity: 'error',
  comment: `Give the new folder of src/${room} a line in dependency-cruiser.config.mjs.`,
  from: { path: `^src/${room}/[^/]+/`, pathNot: [`^src/${room}/${anyOf(Object.keys(folders))}/`, SPECS] },
  to: {},
}));

/** The one file of the CLI with a server's package: it asks a Redis, and loads the client only then. */
const REDIS_OF_THE_DOCTOR = '^src/cli/doctor/ask-redis[.]ts$';

const pureRooms = [
  { rooms: ['contracts'], to: { pathNot: '^src/' } },
  { rooms: ['lib'], to: { path: packages(SERVER_PACKAGES) } },
  { rooms: ['cli'], except: REDIS_OF_THE_DOCTOR, to: { path: packages(SERVER_PACKAGES) } },
  { rooms: ['sdk', 'console'], to: { path: packages(SERVER_PACKAGES) } },
  { rooms: ['sdk', 'console'], to: { dependencyTypes: ['core'] } },
].map(({ rooms, to, except }, index) => ({
  name: `pure-${rooms.join('-')}-${index}`,
  severity: 'error',
  comment: `src/${rooms.join(', src/')}: no server packages here, and no package at all in contracts`,
  from: { path: `^src/${anyOf(rooms)}/`, pathNot: except === undefined ? SPECS : [SPECS, except] },
  to,
}));

export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'A circle of imports, type-only ones included: move what both need to a file of its own.',
      from: { path: '^(?:src|scripts|bench)/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that resolves to nothing has no wall.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    ...roomWalls,
    ...folderWalls,
    ...unlisted,
    ...pureRooms,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
