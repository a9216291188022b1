import { Field, ID, InterfaceType } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';

/** What `node(id)` returns. Source: GraphQL Global Object Identification Specification. Only groups are nodes. */
@InterfaceType({
  description: 'An object with a globally unique ID.',
  resolveType: () => 'ChatGroup',
})
export abstract class Node {
  @Field(() => ID, { description: 'Globally unique ID.' })
  @Cost({ bytes: 75 })
  id!: string;
}
