import type { Expression } from './expression.ts';
import { type RuleAttribute, type RuleValue, ruleAttributes } from './rule.ts';
import { SiddhiError } from './siddhi-error.ts';

/** Attributes that the map of properties holds under these names too. */
const addresses: readonly string[] = ['ip', 'ipv6'];

/** A value: a literal, an attribute, `map:get(propertiesMap, 'NAME')`, or one of these in `cast` or `convert`. Throws `SiddhiError`. */
export function readValue(expression: Expression): RuleValue {
  const { at } = expression;
  switch (expression.kind) {
    case 'literal':
      return { kind: 'literal', value: expression.value };
    case 'name': {
      const { name } = expression;
      if (!(ruleAttributes as readonly string[]).includes(name)) {
        throw new SiddhiError(`${name} is no attribute of a call; known are ${ruleAttributes.join(', ')}`, at);
      }
      return { kind: 'attribute', name: name as RuleAttribute };
    }
    case 'call':
      if (expression.name === 'map:get') return propertyOf(expression.args, expression);
      if (expression.name === 'cast' || expression.name === 'convert') {
        const [inner, type] = expression.args;
        if (expression.args.length !== 2 || inner === undefined || type?.kind !== 'literal') {
          throw new SiddhiError(`${expression.name} takes a value and the name of a type`, at);
        }
        return readValue(inner);
      }
      throw new SiddhiError(`the function ${expression.name} is not read here`, at);
    default:
      throw new SiddhiError('a value must stand here', at);
  }
}

function propertyOf([map, name, ...more]: readonly Expression[], { at }: Expression): RuleValue {
  if (
    map?.kind !== 'name' ||
    map.name !== 'propertiesMap' ||
    name?.kind !== 'literal' ||
    typeof name.value !== 'string' ||
    name.value === '' ||
    more.length > 0
  ) {
    throw new SiddhiError(
      "map:get takes propertiesMap and the name of a property, as in map:get(propertiesMap, 'ip')",
      at,
    );
  }
  return addresses.includes(name.value)
    ? { kind: 'attribute', name: name.value as RuleAttribute }
    : { kind: 'property', name: name.value };
}
