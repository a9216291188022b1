import { registerEnumType } from '@nestjs/graphql';

export enum Coherence {
  COHERENT = 'COHERENT',
  BOUNDED = 'BOUNDED',
}
registerEnumType(Coherence, {
  name: 'Coherence',
  description: 'What a write promises to reads that start after its answer.',
  valuesMap: {
    COHERENT: { description: 'No such read shows what was there before the write.' },
    BOUNDED: {
      description: 'Such reads may show the state before the write until pages of that age have expired.',
    },
  },
});
