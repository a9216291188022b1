import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { JwtService } from '@nestjs/jwt';
import type { FastifyRequest } from 'fastify';

/** The caller according to the token. */
export class User {
  constructor(private readonly spaces: readonly string[]) {}

  /** Throws unless the user may access the space. */
  require(custSpaceId: string): void {
    if (!this.spaces.includes(custSpaceId)) throw new ForbiddenException();
  }
}

type AuthenticatedRequest = FastifyRequest & { user?: User };

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly jwt: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    const [type, token] = request.headers.authorization?.split(' ') ?? [];
    if (type !== 'Bearer' || token === undefined) throw new UnauthorizedException();
    try {
      const claims = await this.jwt.verifyAsync<{ cust_space_ids: string[] }>(token);
      request.user = new User(claims.cust_space_ids);
    } catch {
      // The caller must not learn the reason.
      throw new UnauthorizedException();
    }
    return true;
  }
}

export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) => requestOf(context).user,
);

function requestOf(context: ExecutionContext): AuthenticatedRequest {
  if (context.getType() === 'http') return context.switchToHttp().getRequest<AuthenticatedRequest>();
  return GqlExecutionContext.create(context).getContext<{ req: AuthenticatedRequest }>().req;
}
