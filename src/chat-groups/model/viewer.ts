import { ID, ObjectType } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { ApiOutputField } from '../../openapi/api-field.js';
import type { Principal } from '../../tenancy/principal.js';

@ObjectType({ description: 'A space that the caller can access.' })
export class CustSpace {
  @ApiOutputField(() => ID, { description: 'Space ID as assigned by CAMS.', example: 'cams-acme' })
  custSpaceId!: string;

  @ApiOutputField(() => [String], {
    description: 'Business numbers that the caller can access; null means every number of the space.',
    nullable: true,
    example: ['8613800000001'],
  })
  @Cost({ bytes: 18, elements: 8 })
  businessNumbers!: string[] | null;
}

@ObjectType({ description: 'The caller, and what its credentials can access.' })
export class Viewer {
  @ApiOutputField(() => ID, { description: 'Tenant ID.', example: 'acme' })
  tenantId!: string;

  @ApiOutputField(() => String, { description: 'Tenant name.', example: 'Acme Travel' })
  tenantName!: string;

  @ApiOutputField(() => [String], {
    description: 'Permissions of the credentials.',
    example: ['groups:read'],
  })
  @Cost({ bytes: 20, elements: 8 })
  permissions!: string[];

  @ApiOutputField(() => [CustSpace], { description: 'Spaces that the caller can access.' })
  @Cost({ elements: 4 })
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
