import { registerEnumType } from '@nestjs/graphql';

export enum Coherence {
  COHERENT = 'COHERENT',
  BOUNDED = 'BOUNDED',
}
registerEnumType(Coherence, {
  name: 'Coherence',
  description: 'How current reads are that start after the response to a write.',
  valuesMap: {
    COHERENT: {
      description:
        'Such reads return nothing older than what CAMS lists at that time. CAMS itself can show a write a few seconds late.',
    },
    BOUNDED: {
      description:
        'Such reads can also return pages that were cached before the write, until these have expired.',
    },
  },
});
