import { registerEnumType } from '@nestjs/graphql';

export enum Coherence {
  COHERENT = 'COHERENT',
  BOUNDED = 'BOUNDED',
}
registerEnumType(Coherence, {
  name: 'Coherence',
  description: 'Consistency guarantee for reads that start after the response to a write.',
  valuesMap: {
    COHERENT: { description: 'Such reads never show the state before the write.' },
    BOUNDED: {
      description:
        'Such reads may show the state before the write until the pages cached before it have expired.',
    },
  },
});
