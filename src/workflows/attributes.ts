import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';

/** What operators search by; registered in the namespace before any worker starts. */
export const attributes = {
  service: defineSearchAttributeKey('SpillwayService', 'KEYWORD'),
  environment: defineSearchAttributeKey('SpillwayEnvironment', 'KEYWORD'),
  phase: defineSearchAttributeKey('SpillwayPhase', 'KEYWORD'),
  stage: defineSearchAttributeKey('SpillwayStage', 'KEYWORD'),
  verdict: defineSearchAttributeKey('SpillwayVerdict', 'KEYWORD'),
};

export const placeOf = (service: string, environment: string): SearchAttributePair[] => [
  { key: attributes.service, value: service },
  { key: attributes.environment, value: environment },
];
