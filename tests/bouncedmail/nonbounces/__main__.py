"""Print one sample: python3 -m nonbounces FAMILY SEED; without arguments the families."""
import sys

import nonbounces

if len(sys.argv) == 3:
    sys.stdout.buffer.write(nonbounces.make(sys.argv[1], int(sys.argv[2])).raw)
else:
    print('\n'.join(name for name, function, kinds in nonbounces.FAMILIES))
