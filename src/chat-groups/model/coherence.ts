import { registerEnumType } from '@nestjs/graphql';

export enum Coherence {
  COHERENT = 'COHERENT',
  BOUNDED = 'BOUNDED',
}
registerEnumType(Coherence, {
  name: 'Coherence',
  description: 'What reads that start after the response to a write are guaranteed to see.',
  valuesMap: {
    COHERENT: { description: 'Such reads never show the state before the write.' },
    BOUNDED: {
      description:
        'Such reads may show the state before the write until the pages cached before it have expired.',
    },
  },
});
