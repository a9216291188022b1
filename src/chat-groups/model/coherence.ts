import { registerEnumType } from '@nestjs/graphql';

export enum Coherence {
  COHERENT = 'COHERENT',
  BOUNDED = 'BOUNDED',
}
registerEnumType(Coherence, {
  name: 'Coherence',
  description: 'What a write guarantees to reads that start after its response.',
  valuesMap: {
    COHERENT: { description: 'Such reads never show the state before the write.' },
    BOUNDED: {
      description:
        'Such reads may show the state before the write until cached pages of that age have expired.',
    },
  },
});
