export { greedyChoice } from './greedy.js';
