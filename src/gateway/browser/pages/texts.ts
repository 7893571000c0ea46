/** Why a person sees the sign-in page, or sees it again. */
export type SignInReason =
  | 'ended'
  | 'refused'
  | 'forbidden'
  | 'address'
  | 'scope'
  | 'unavailable'
  | 'limited'
  | 'too-often'
  | 'signed-out'
  | 'https';

/** Everything that the gateway's own pages say, in one language. */
export interface Texts {
  /** Language tag of the page (BCP 47). */
  readonly lang: string;
  readonly signIn: {
    readonly title: string;
    readonly keyLabel: string;
    readonly keyHint: string;
    readonly submit: string;
    readonly privacy: string;
    /** @param seconds whole seconds to wait; 0 where that is not known */
    readonly reasons: Readonly<Record<SignInReason, (seconds: number) => string>>;
  };
  readonly signOut: { readonly title: string; readonly question: string; readonly submit: string };
  readonly session: {
    readonly title: string;
    readonly key: string;
    readonly keyId: string;
    readonly user: string;
    readonly scopes: string;
    readonly addresses: string;
    readonly keyEnds: string;
    readonly sessionEnds: string;
    readonly hour: string;
    readonly burst: string;
    readonly any: string;
    readonly none: string;
    readonly never: string;
    readonly unknown: string;
    readonly left: (remaining: number, limit: number) => string;
    readonly back: string;
    readonly signOut: string;
  };
  /** For the dialog in MLflow's own pages. */
  readonly script: {
    readonly ended: string;
    readonly endedAdvice: string;
    readonly forbidden: string;
    readonly signIn: string;
    readonly signOut: string;
    readonly session: string;
    readonly close: string;
  };
}
