export { qualifiedUser } from '@sluice/model';
