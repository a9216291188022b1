import { ID, ObjectType } from '@nestjs/graphql';
import { ApiOutputField } from '../../openapi/api-field.js';
import type { Principal } from '../../tenancy/principal.js';

@ObjectType({ description: 'A space of the caller.' })
export class CustSpace {
  @ApiOutputField(() => ID, { description: 'Id of the space at CAMS.', example: 'cams-acme' })
  custSpaceId!: string;

  @ApiOutputField(() => [String], {
    description: 'Its numbers; null: every number of the space.',
    nullable: true,
  })
  businessNumbers!: string[] | null;
}

@ObjectType({ description: 'Who calls, and what these credentials reach.' })
export class Viewer {
  @ApiOutputField(() => ID, { description: 'Id of the tenant.', example: 'acme' })
  tenantId!: string;

  @ApiOutputField(() => String, { description: 'Name of the tenant.', example: 'Acme Travel' })
  tenantName!: string;

  @ApiOutputField(() => [String], { description: 'What these credentials allow.', example: ['groups:read'] })
  permissions!: string[];

  @ApiOutputField(() => [CustSpace], { description: 'The spaces within reach.' })
  spaces!: CustSpace[];
}

export function toViewer({ tenant, permissions, spaces }: Principal): Viewer {
  return {
    tenantId: tenant.id,
    tenantName: tenant.name,
    permissions: [...permissions],
    spaces: [...spaces].map(([custSpaceId, numbers]) => ({
      custSpaceId,
      businessNumbers: numbers === null ? null : [...numbers],
    })),
  };
}
