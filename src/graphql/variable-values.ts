import { Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';
import type { Variables } from './selected-operation.js';

/** Values of the variables of a request, as sent; `any` if they are unknown. Records which of them are used. */
export class VariableValues {
  readonly used = new Set<string>();

  constructor(
    private readonly operation: OperationDefinitionNode,
    private readonly variables: Variables | 'any',
  ) {}

  get areUnknown(): boolean {
    return this.variables === 'any';
  }

  /** Returns the value of a whole number, a text, a condition, a list, or a variable for one; `undefined` if it is unknown. */
  of(value: ValueNode): unknown {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind === Kind.BOOLEAN || value.kind === Kind.STRING) return value.value;
    if (value.kind === Kind.LIST) return value.values;
    if (value.kind !== Kind.VARIABLE) return undefined;
    const name = value.name.value;
    this.used.add(name);
    if (this.variables === 'any') return undefined;
    // A variable may be named `constructor`, which every object inherits. The default does not replace an explicit null.
    return Object.hasOwn(this.variables, name) ? this.variables[name] : this.#default(name);
  }

  #default(name: string): unknown {
    const value = this.operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    )?.defaultValue;
    return value && this.of(value);
  }
}
