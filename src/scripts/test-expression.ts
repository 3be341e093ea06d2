import type { TestExpression } from 'unbash';
import { and, binaryTest, type FileTests, not, or, unaryTest } from './conditions.ts';
import { type Expansion, expandPattern, expandText } from './expand.ts';
import { matchesPattern } from './pattern.ts';
import { isKnown, type Tri } from './state.ts';

export interface ExpressionContext {
  readonly expansion: Expansion;
  readonly files: FileTests;
}

/** `[[ ... ]]` of bash(1). Its nesting is the parser's, which has a limit. */
export function evaluateExpression(expression: TestExpression, context: ExpressionContext): Tri {
  const { expansion, files } = context;
  switch (expression.type) {
    case 'TestUnary':
      return unaryTest(expression.operator, expandText(expression.operand, expansion), files);
    case 'TestBinary': {
      const { operator, right } = expression;
      const left = expandText(expression.left, expansion);
      if (!['=', '==', '!='].includes(operator)) return binaryTest(left, operator, expandText(right, expansion));
      const matches = mayMatch(left, expandPattern(right, expansion));
      return operator === '!=' ? not(matches) : matches;
    }
    case 'TestLogical': {
      const values = expression.operands.map((operand) => evaluateExpression(operand, context));
      return expression.operator === '&&' ? values.reduce(and, true) : values.reduce(or, false);
    }
    case 'TestNot': {
      const value = evaluateExpression(expression.operand, context);
      return expression.negations.length % 2 === 1 ? not(value) : value;
    }
    case 'TestGroup':
      return evaluateExpression(expression.expression, context);
  }
}

/** Whether a text fits a shell pattern, where both are known. */
export function mayMatch(text: string, pattern: string): Tri {
  if (pattern === '*') return true;
  return isKnown(text) && isKnown(pattern) ? matchesPattern(text, pattern) : undefined;
}
