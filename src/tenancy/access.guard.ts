import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { callerOf } from './caller.js';
import { requestOf } from './request.js';

/**
 * Lets nobody pass a handler without verified credentials. The declared permission itself is
 * judged by `Caller.open`, after ownership, so that a foreign resource is answered like one that does not exist.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  /** Throws `UNAUTHENTICATED`. */
  canActivate(context: ExecutionContext): boolean {
    callerOf(requestOf(context), context.getHandler());
    return true;
  }
}
