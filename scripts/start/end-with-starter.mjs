/**
 * Preloaded into a Node program (`node --import`): ends it when whoever started it is gone, however that
 * ended. Standard input is a pipe that only the starter holds, and the kernel closes it.
 */
process.stdin.on('end', () => process.kill(process.pid, 'SIGINT'));
process.stdin.on('error', () => process.kill(process.pid, 'SIGINT'));
process.stdin.resume();
process.stdin.unref?.();
