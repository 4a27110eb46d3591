-- The two roles that the service needs on PostgreSQL, run once by an administrator in the service's database:
--
--   psql --set owner_password=… --set service_password=… --file deploy/database/create-roles.sql "$ADMIN_URL"
--
-- deadlines_owner    owns the tables: `deadlines load` connects as it, migrates, and grants the other what it needs
--                    (DEADLINES_SERVICE_ROLE=deadlines_service)
-- deadlines_service  is what the service connects as: it can write records, and neither alter what was published nor
--                    touch the triggers that protect it
\set ON_ERROR_STOP on

CREATE ROLE deadlines_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE deadlines_service LOGIN PASSWORD :'service_password';

SELECT current_database() AS database \gset
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO deadlines_owner;
GRANT CONNECT ON DATABASE :"database" TO deadlines_service;
GRANT USAGE, CREATE ON SCHEMA public TO deadlines_owner;
GRANT USAGE ON SCHEMA public TO deadlines_service;
