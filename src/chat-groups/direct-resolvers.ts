import type { Type } from '@nestjs/common';
import type { ErrorFilter } from '../common/error.filter.js';
import type { InputPipe } from '../common/input-pipe.js';
import { type Caller, callerOf } from '../tenancy/caller.js';
import type { GraphqlContext } from '../tenancy/request.js';
import type { ChatGroupsResolver } from './chat-groups.resolver.js';
import { ChatGroupArgs, ChatGroupsArgs } from './inputs.js';

type DirectResolver = (args: object, context: GraphqlContext) => Promise<unknown>;

/**
 * The fields that are read most, resolved by the resolver's own handlers, which get the caller and the inputs that Nest
 * would give them, without Nest's pipeline: its promises cost an eighth of a cached list. What the pipeline shall do for
 * them, such as one more guard, has to be done here too.
 */
export function directResolvers(
  groups: ChatGroupsResolver,
  inputs: InputPipe,
  errors: ErrorFilter,
): Record<'chatGroups' | 'chatGroup', DirectResolver> {
  const direct = <A extends object>(
    field: 'chatGroups' | 'chatGroup',
    type: Type<A>,
    resolve: (caller: Caller, args: A) => Promise<unknown>,
  ): DirectResolver => {
    const handler: object = Reflect.get(groups, field);
    return async (args, { req }) => {
      try {
        return await resolve(callerOf(req, handler), inputs.checked(type, args));
      } catch (error) {
        return errors.ofField(error, req);
      }
    };
  };
  return {
    chatGroups: direct('chatGroups', ChatGroupsArgs, (caller, args) => groups.chatGroups(caller, args)),
    chatGroup: direct('chatGroup', ChatGroupArgs, (caller, args) => groups.chatGroup(caller, args)),
  };
}
