-- story: indexes
create table t (id int primary key, a int, b text, c jsonb, d tsvector, e text[], f varchar(9) collate "C", g point);
create index on t (a);
create index on t (a desc, b nulls first, f asc nulls last);
create index if not exists t_a_idx on t (b);
create index t_a_idx on t (b);
create unique index on t (lower(b), (a + 1)) include (c) nulls not distinct with (fillfactor = 70) where a > 0;
create index on t using gin (c);
create index on t using gin (c jsonb_path_ops);
create index on t using gin (c jsonb_ops, d, e);
create index on t using gist (d tsvector_ops (siglen = 100));
create index on t using hash (b);
create index on t using brin (a, id);
create index on t using gist (g);
create index on t (b text_pattern_ops, f varchar_pattern_ops, f varchar_ops);
create index on t (b collate "C", f collate "C", f collate "default");
create index on t (coalesce(a, 0), upper(b), (b || 'x'), cast(a as text));
create index on only t (a);
create index on t (missing);
create index if not exists t_a_idx on t (missing);
create index on t using gin (b);
create index on t using gin (b gin_trgm_ops);
create index on t (c jsonb_path_ops);
create index on t (g);
create index on t using nonsense (a);
create unique index on t using hash (a);
create index on t using hash (a, b);
create index on t using gin (c desc);
create index on missing (a);
create extension pg_trgm;
create index trgm on t using gin (b gin_trgm_ops, f gin_trgm_ops);
create index on t using gist (b gist_trgm_ops (siglen = 32));
drop extension pg_trgm;
drop extension pg_trgm cascade;
alter index t_a_idx rename to renamed;
alter index renamed set (fillfactor = 60);
alter index missing rename to x;
alter index if exists missing rename to x;
drop index renamed, t_pkey;
drop index renamed;
drop index renamed;
drop index if exists renamed, missing.renamed;
drop index t;
create materialized view m as select id, a from t;
create unique index on m (id);
create index m_ix on m (a);
drop index m_ix;
drop table t;
drop table t cascade;

-- story: exclusion
create extension btree_gist;
create table t (a int, b tsrange, c text, exclude using gist (a with =, b with &&) where (a > 0));
alter table t add constraint named exclude using gist (b with &&) deferrable initially deferred;
alter table t add exclude (c with =);
alter table t drop constraint t_a_b_excl, drop column b;
drop extension btree_gist;

-- story: sequences
create sequence a;
create sequence b as smallint increment by -2 start -5 minvalue -100 cache 3 cycle;
create sequence if not exists b start 7;
create sequence a;
create table t (id int default nextval('a'), x bigint default nextval('b'::regclass), y serial);
create sequence c owned by t.x;
alter sequence a restart with 5 maxvalue 1000;
alter sequence b as integer;
alter sequence c as smallint;
alter sequence t_y_seq as bigint;
alter sequence c owned by none;
alter sequence c owned by t.missing;
alter sequence b owned by t.id;
alter sequence a rename to aa;
alter sequence if exists missing restart;
alter sequence missing restart;
alter sequence aa increment 0;
alter sequence aa minvalue 5000;
alter sequence aa start 2000;
create sequence d minvalue 10 maxvalue 5;
create sequence d cache 0;
create sequence d start 1 start 2;
drop sequence aa;
drop sequence t_y_seq;
drop sequence aa cascade;
alter table t drop column y;
drop sequence if exists missing;
drop sequence missing;
drop sequence t;
create schema s;
create sequence s.q;
create table s.u (a int default nextval('s.q'));
alter sequence s.q set schema public;
alter table t alter id set default nextval('q');
drop table s.u;
drop sequence q;
drop table t;

-- story: types
create type color as enum ('red', 'green');
create type color as enum ();
create table t (a color default 'red', b color[] default '{red}', c text default 'red'::color::text);
alter type color add value 'blue' before 'green';
alter type color add value if not exists 'blue';
alter type color add value 'blue';
alter type color add value 'x' after 'missing';
alter type color add value 'black';
alter type color rename to colour;
alter type color rename to x;
drop type colour;
drop type if exists missing;
drop type missing;
create type pair as (a int, b text);
create table u (p pair);
alter type pair rename attribute a to c;
drop type pair;
drop type pair cascade;
create type span as range (subtype = float8);
create table v (s span);
create schema s;
alter type colour set schema s;
create table w (a s.colour, b colour);
create table w (a s.colour default 'red');
set search_path = s, public;
create table w2 (a colour default 'red');
drop type colour cascade;
create type e2 as enum ('a', 'a');
create type t as enum ('a');
create type w2 as enum ('a');
?drop type s.w2;

-- story: rename of labels
create type color as enum ('red', 'green');
create table t (a color, b color default 'green');
alter type color rename value 'red' to 'rot';
alter type color rename value 'red' to 'x';
alter type color rename value 'rot' to 'green';
?alter type color rename value 'green' to 'gruen';

-- story: domains
create domain d as varchar(10) not null default 'x' constraint named check (value <> '') check (length(value) > 1);
create domain e int;
create table t (a d, b e default 5 check (b > 1), c d[]);
create index on t (b);
alter domain e add check (value > 0);
alter domain e add constraint x check (value < 100) not valid;
alter domain e validate constraint x;
alter domain e rename constraint x to y;
alter domain e drop constraint y;
alter domain e drop constraint y;
alter domain e drop constraint if exists y;
alter domain e set default 7;
alter domain e set not null;
alter domain d drop not null;
alter domain d drop default;
alter domain e rename to f;
drop domain f;
drop type d cascade;
drop domain f cascade;
create domain g as missing;
create domain h as int collate "C";

-- story: views
create table t (id int primary key, a text, b text);
create view v as select id, a from t where b > 'x';
create view v as select 1 as x;
create or replace view v as select t.id, t.a from t;
create view w as select * from v;
create materialized view m as select count(*) as n from t;
create view x as select 1 as one;
drop view v;
drop table t;
alter table t drop column a;
alter table t drop column b;
alter view x rename to y;
drop view m;
drop materialized view w;
drop table y;
drop view if exists missing, w;
drop materialized view m;
drop view v cascade;
drop table t;
create view z as select * from missing;

-- story: partitions
create table p (id serial, at date not null, kind text default 'x' check (kind <> ''), n int unique) partition by range (at);
create table p (id serial, at date not null, kind text default 'x' check (kind <> ''), primary key (id, at), unique (at, kind)) partition by range (at);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table p2 partition of p (kind default 'y', constraint extra check (kind <> 'z')) for values from ('2021-01-01') to ('2022-01-01');
create table pd partition of p default;
create index on p (kind);
create index named on p (id) where kind > 'a';
create unique index on p (kind);
create index on only p (id, kind);
create table q (x int primary key);
alter table p add q_x int references q;
alter table p add column extra int not null default 3;
alter table p1 add y int;
alter table p1 drop column kind;
alter table p drop column at;
alter table p alter at type timestamp;
alter table p alter kind set not null;
alter table p1 alter kind drop not null;
drop index p1_kind_idx;
alter table p detach partition p1;
create table p3 (like p including all);
alter table p attach partition p3 for values from ('2023-01-01') to ('2024-01-01');
alter table p attach partition p3 for values from ('2024-01-01') to ('2025-01-01');
create table p4 (id int);
alter table p attach partition p4 for values from ('2026-01-01') to ('2027-01-01');
alter table p drop constraint p_pkey;
drop index named;
create table p5 partition of p for values from ('2030-01-01') to ('2031-01-01') partition by list (kind);
create table p5a partition of p5 for values in ('a');
alter table p rename kind to sort;
alter table p rename to pp;
drop table p2;
drop table pp;

-- story: drops
create table a (id int primary key, x int unique);
create table b (a_id int references a, a_x int references a (x), c int);
drop table a;
alter table a drop column x;
alter table a drop column x cascade;
drop table a, b;
create table a (id int primary key, up int references a);
alter table a drop column id;
create unique index ux on a (up);
create table b (x int references a (up));
drop index ux;
drop index ux cascade;
drop table if exists missing, a;
drop table a;
create view v as select 1 as a;
drop table v;
drop table if exists v;
drop index missing;
drop schema missing;
drop schema if exists missing;

-- story: comments
create table t (a int primary key, b int check (b > 0));
comment on table t is 'it''s';
comment on column t.a is 'x';
comment on column public.t.b is 'y';
comment on index t_pkey is 'i';
comment on constraint t_pkey on t is 'c';
comment on constraint t_b_check on t is '';
comment on table t is null;
comment on column t.missing is 'x';
comment on table missing is 'x';
comment on constraint missing on t is 'x';
comment on schema missing is 'x';
create type e as enum ('a');
comment on type e is 'ee';
create sequence s;
comment on sequence s is 'ss';
comment on database nonsense is 'x';
alter table t alter b type bigint;

-- story: routines
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (a int, b int);
create trigger tr before update of a on t for each row when (old.b > 0) execute function f();
create trigger tr before update of a on t for each row execute function f();
create policy pol on t using (a > 0);
drop function f();
?alter table t drop column a;
drop trigger tr on t;
drop trigger tr on t;
drop trigger if exists tr on t;
drop policy pol on t;
drop function f();
drop function if exists f();
alter table t drop column a;
create function g(x int) returns int language sql immutable as 'select x';
create index on t (g(b));
drop function g(int);
drop function g(int) cascade;
grant select on t to public;

-- story: search path
create schema s;
create table t (a int);
create table s.t (b int);
set search_path to s, public;
alter table t add c int;
create table u (a int references public.v);
create table u (a int);
set local search_path = 'public';
alter table t add d int;
create table u (a int);
set search_path to missing;
create table w (a int);
select set_config('search_path', 's', false);
create table w (a int);
reset search_path;
create table w (a int);
create schema s;
create schema if not exists s;
create schema pg_x;
create table missing.w (a int);

-- story: tables from queries
create table t (id serial primary key, a varchar(10) collate "C" default 'x', b numeric(5,2));
create table c1 as select * from t;
create table c2 as select id, x.a as renamed, b::text from t x where id > 0 with no data;
create table c3 (one, two) as table t;
select id, b into c4 from t;
?create table c5 as select count(*) from t;
create table if not exists c1 as select 1;
create table c1 as select * from t;
create table c6 as select missing from t;

-- story: blocks
do $$ begin create type a as enum ('x'); exception when duplicate_object then null; end $$;
do $$ begin create type a as enum ('x'); exception when duplicate_object then null; end $$;
do $$ begin if not exists (select 1 from pg_type where typname = 'b') then create type b as enum ('y'); end if; end $$;
do $$ begin if not exists (select 1 from pg_type where typname = 'b') then create type b as enum ('z'); end if; end $$;
create table t (a int);
do $$ begin
    if not exists (select 1 from information_schema.columns where table_name = 't' and column_name = 'b') then
    alter table t add column if not exists b int;
    alter table t add check (case when b > 0 then true else false end);
    else alter table t drop column b; end if;
    end $$;
do $$ begin alter table t add constraint x check (a > 0); exception when others then raise notice 'x'; end $$;
do $$ begin alter table t add constraint x check (a > 0); exception when others then raise notice 'x'; end $$;
do $$ begin alter table t add constraint x check (a > 0); exception when duplicate_table then null; end $$;
do $$ begin insert into t values (1, 1); update t set a = 2; end $$;
?do $$ declare r record; begin for r in select 1 loop execute 'create table q (a int)'; end loop; end $$;
do $$ begin if exists (select 1 from pg_constraint where conname = 'x') then alter table t drop constraint x; end if; end $$;

-- story: labels in expressions
create type color as enum ('red', 'green');
create table t (a color default 'red' check (a <> 'red' or a = 'green'), b text default 'red', c color generated always as ('red'::color) stored);
create index on t (a) where a = 'red';
create domain d as color default 'red' check (value <> 'red');
alter type color rename value 'red' to 'rouge';

-- story: columns in parentheses
create table t (a int, b text collate "C");
create index on t ((a), (b), (b collate "C"), (b collate "POSIX"));
create index on t ((a));

-- story: schemas with elements
create schema s create view v as select a from t create table t (a serial primary key) create index on t (a);
create schema if not exists s create table t (a int);
create schema if not exists s;
create schema u authorization current_user;

-- story: computed tables
create table t (a int, b varchar(5), c numeric(8,2));
create table u as select a + 1 as x, lower(b), b || 'y' y, c, 'lit' as l, a::bigint, now() at time zone 'utc' as z from t;
create table u2 as select b as c, count(*) from t group by b;
create table v as select distinct a, b from only t as q where q.a > 1 order by 1;
?create table w as select t.a, u.x from t join u on true;
?create table w as select 1 as a;
create table w2 as select a, a from t;

-- story: indexes of materialized views
create table t (a int, b varchar(5));
create materialized view m as select a, b as bb, count(*) from t group by 1, 2;
create index on m (bb desc, a);
create unique index ix on m (count);
create index on m (missing);
drop index ix;

-- story: new labels in the same transaction
create type c as enum ('a');
alter type c add value 'b';
create table t (x c default 'b');
create table t (x c default 'a', y text default 'b');
alter table t alter x set default 'b';
alter table t add check (x <> 'b');
alter table t add check (y <> 'b');
create index on t (y) where x = 'b';

-- story: schemas with extensions
create extension citext;
create extension pg_trgm;
create extension "uuid-ossp";
create table t (id uuid default uuid_generate_v4(), a citext unique, b text);
create index on t using gin (b gin_trgm_ops);
create schema s;
create table s.u (a citext, b int, id uuid default uuid_generate_v1() primary key);
create extension citext;
drop extension citext;
drop extension "uuid-ossp";
drop extension if exists hstore, pgcrypto;
drop extension hstore;
drop schema public;
drop schema public cascade;
create schema public;
create extension hstore with schema s;
create table s.v (h s.hstore);
alter extension hstore set schema public;
drop extension hstore cascade;
create extension earthdistance;
create extension earthdistance cascade;

-- story: collations of types
create domain d as text collate "C";
create table t (a name collate "C", b name collate "default", c d, e d collate "C", f d collate "default", g varchar(3) collate "default");
create index on t (a collate "C", b collate "C", c collate "C", f collate "default", (g collate "default"));
alter table t alter c type text, alter a type text, alter g type d;
create sequence q;
alter sequence q set schema public;
alter table t set schema public;
