/** Kinds of things that a request of MLflow's API names. */
export type NamedKind =
  | 'experiment'
  | 'experiment-name'
  /** The new name of an experiment that is created or renamed: no experiment has it yet. */
  | 'new-experiment-name'
  | 'run'
  | 'logged-model'
  | 'trace'
  | 'assessment'
  /** Models and prompts share their calls: only MLflow knows which of them a name is. */
  | 'registered-name'
  | 'model'
  | 'prompt'
  | 'endpoint'
  /** An endpoint by its id: calls of models name it by its name. */
  | 'endpoint-id'
  | 'dataset'
  | 'issue'
  | 'review-queue'
  | 'label-schema'
  | 'prompt-optimization-job'
  | 'job'
  | 'workspace'
  /** No grant covers these: a request that names one is refused, unless it also names a thing that opens it. */
  | 'secret'
  /** A definition of a model, or a budget. */
  | 'gateway-part'
  /** Of a judge or an optimizer, where it could lead MLflow's calls elsewhere. */
  | 'judge-setting'
  /** Below the root of the artifact store, in the folder of no experiment of this workspace. */
  | 'artifact-path'
  | 'storage-location';

/** One thing that a request names, and where. */
export interface Named {
  readonly kind: NamedKind;
  /** As the request has it; empty where it is missing, which names nothing. */
  readonly id: string;
  /** Place and path of members, such as `body metrics[3].model_id`. */
  readonly at: string;
}
