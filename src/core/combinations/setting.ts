/** A value as it may be told to anybody. */
export type SettingValue = {
  /** For people, and safe to show: values that only the target holds are told in words. */
  readonly text: string;
  /** Keyed digest of the value; absent when it is not known, and then it equals no other. */
  readonly digest?: string;
};

export type SettingKind = 'flag' | 'kill-switch' | 'configuration';

/** One flag, or one key of a configuration, that a release sets. */
export type Setting = {
  /** Names the same flag or key in every plan. */
  readonly id: string;
  readonly kind: SettingKind;
  readonly title: string;
  /** What the baseline has before the first change. */
  readonly before: SettingValue;
  readonly after: SettingValue;
};

/** What becomes of a release that brings users a combination that was never exercised. */
export type CombinationAnswer = 'show' | 'gate' | 'refuse';

/** What is known of the pairs of settings that a release touches; frozen with its plan. */
export type Combinations = {
  readonly answer: CombinationAnswer;
  /** In the order in which they are set. */
  readonly settings: readonly Setting[];
  /** How many pairs users will meet. */
  readonly met: number;
  readonly unexercised: {
    readonly count: number;
    /** The first of them, one sentence each. */
    readonly shown: readonly string[];
  };
  /** What could not be read, and what counts as never exercised for it. */
  readonly notKnown: readonly string[];
};
