import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GatewayError } from '../common/errors.js';
import { declaredPermission } from './access.js';
import { requestOf } from './request.js';

/**
 * Lets nobody pass a handler without verified credentials. The declared permission itself is
 * judged by `Caller.open`, after ownership, so that a foreign resource is answered like one that does not exist.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const permission = declaredPermission(context.getHandler());
    if (permission === undefined || requestOf(context).principal === undefined) {
      throw new GatewayError('UNAUTHENTICATED', 'Credentials are required.');
    }
    return true;
  }
}
