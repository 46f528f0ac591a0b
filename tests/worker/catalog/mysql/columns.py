"""Column definitions, sorted by what the catalog makes of them."""

from __future__ import annotations

#: Definitions of a column, a type each.
TYPES = """\
int
int unsigned
int(5) zerofill
bigint unsigned
tinyint
smallint(3) unsigned
mediumint
integer
bool
boolean
bit
bit(8)
decimal
decimal(5)
decimal(5,2) unsigned
numeric(4,1)
dec
fixed(3)
float
float(7)
float(30)
float(5,2)
double
double precision
double(6,3)
real
char
char(5)
character varying(10)
varchar(255)
national char(3)
nchar(3)
nvarchar(4)
nchar varchar(4)
binary
binary(4)
varbinary(6)
tinytext
text
text(100)
text(300)
text(70000)
text(20000)
text(5000000)
mediumtext
longtext
long
long varchar
long varbinary
tinyblob
blob
blob(10)
blob(300)
blob(70000)
mediumblob
longblob
json
date
time
time(3)
datetime
datetime(0)
datetime(6)
timestamp
timestamp(2)
year
year(4)
year(2)
enum('a','b''c','d\\\\e')
set('x','y')
inet6
inet4
uuid
point
geometry
linestring
varchar(20) character set latin1
varchar(20) collate utf8mb4_bin
varchar(20) charset utf8
varchar(20) binary
text character set utf8mb4
varchar(10) collate utf8mb4_general_ci
char(3) ascii
char(3) unicode
varchar(5) character set binary
text character set binary
char(4) byte
int8
int4
int2
int1
int3
middleint
float4
float8
serial
enum('a ','b')
blob(0)
varchar(0)
char(0)
int signed
varchar(10) character set utf8mb3
varchar(10) charset latin1 collate latin1_bin
json not null
json collate utf8mb4_general_ci
double unsigned
float zerofill
""".splitlines()

#: With a default.
DEFAULTS = """\
int default 5
int default '5'
int default -3
int default 5.4
int default 5.5
int default null
int default true
int default (1+2)
int default (5)
int default ('7')
int default (-5)
bigint default 0x10
int default 0x10
int default b'101'
bit(4) default b'101'
bit(4) default 3
bit default 0
bit(1) default 1
decimal(5,2) default 1
decimal(5,2) default '1.239'
decimal(5,2) default 1.239
decimal(5,2) default 1e2
float default 1.5
float default 1e10
float default 0.1
float default 1.10
float(7,3) default 2.5
double default 1.10
double default 1e-7
double(6,2) default 3
varchar(5) default 'abc'
varchar(5) default 'it''s'
varchar(5) default 'a\\\\b'
varchar(5) default "x'y"
varchar(5) default 5
varchar(5) default 5.50
varchar(5) default -5
varchar(5) default true
varchar(5) default ''
varchar(5) default 'a\\nb'
char(5) default 'a  '
char(5) default 'x'
text default 'abc'
text default ('abc')
text default ''
blob default 'x'
blob default ('x')
json default '{}'
json default ('{}')
json default (json_object())
json default (json_array())
enum('a','b') default 'a'
enum('a','b') default 'A'
set('a','b') default 'a,b'
set('a','b') default 'b,a'
set('a','b') default ''
date default '2020-01-01'
date default '2020-1-1'
date default '2020-01-01 10:00:00'
date default '0000-00-00'
datetime default '2020-01-01'
datetime default '2020-01-01 00:00:00'
datetime(3) default '2020-01-01 00:00:00'
datetime(3) default '2020-01-01 00:00:00.5'
datetime default '2020-01-01T10:11:12'
time default '10:00'
time default '10:00:00'
time default 0
year default 2020
year default '20'
timestamp default '2020-01-01 00:00:00'
timestamp default 0
timestamp default '0000-00-00 00:00:00'
timestamp default current_timestamp
timestamp not null default current_timestamp on update current_timestamp
timestamp default now()
timestamp(3) default current_timestamp(3)
timestamp(3) default current_timestamp
timestamp default current_timestamp(3)
timestamp(6) default now(6) on update now(6)
timestamp not null
timestamp null
timestamp
datetime default current_timestamp
datetime default current_timestamp()
datetime default (current_timestamp)
datetime default (now())
datetime default localtime
datetime default localtimestamp
datetime on update current_timestamp
datetime default null on update current_timestamp()
date default (curdate())
date default curdate()
date default current_date
date default (current_date)
time default (curtime())
time default current_time
int default current_timestamp
varchar(40) default (uuid())
varchar(40) default uuid()
varchar(36) default (UUID())
char(36) default uuid()
varchar(20) default (concat('a','b'))
varchar(20) default concat('A', "b")
varchar(20) default (lower('X'))
varchar(20) default (user())
varchar(20) default current_user
int default (rand()*10)
double default rand()
uuid default uuid()
datetime default utc_timestamp
datetime default (utc_timestamp())
datetime default (date_add(now(), interval 1 day))
datetime default (now() + interval 1 day)
int default (i)
int default (i+1)
varchar(10) default N'abc'
int default '0'
int default '1.0'
int default ' 1'
int default '1 '
tinyint(1) default true
bool default false
bigint unsigned default 18446744073709551615
decimal(10,0) default '0'
decimal(10,2) default 0
decimal(10,2) default '0'
int(5) zerofill default 7
float unsigned default 1
double default '1.50'
int default '1e2'
point default null
varchar(5) default null
varchar(5) not null default ''
time default '1:2:3'
time(2) default '1:2:3.456'
int default (null)
year default 70
year default '0000'
bit(8) default 'a'
varchar(5) default ('abc')
int default ('5')
int default (true)
varchar(5) default (5)
int default +5
""".splitlines()

#: What both refuse.
REFUSED_COLUMNS = """\
varchar(16383)
varchar(16384)
varchar(21845)
varchar(70000)
char(256)
decimal(66,2)
decimal(5,6)
bit(65)
int(256)
float(54)
enum('A','a')
varchar
int default 'abc'
int default ''
int not null default null
bit(1) default '1'
decimal(5,2) default 1000
varchar(3) default 'abcdef'
varchar(3) default 'abc  '
enum('a','b') default 'z'
enum('a','b') default 1
date default '2020-13-01'
tinyint default 300
int unsigned default -1
bool default 'false'
bigint default 9223372036854775808
decimal(3,2) unsigned default -1
date default ''
bit(4) default 'a'
""".splitlines()

#: Outside what is known for certain.
UNKNOWN = """\
number(3)
varchar2(4)
clob
raw(5)
xml
signed
int default 1+2
varchar(5) default 0x41
varchar(5) default b'1000001'
float default 1e20
float default 123456789
double default 1e20
double default 100000000000000000
date default 20200101
int default (unix_timestamp())
varchar(10) default _utf8mb4'abc'
varchar(10) default x'41'
float zerofill default 1
inet6 default '::1'
uuid default '123e4567-e89b-12d3-a456-426614174000'
date default '20200101'
datetime default 20200101101112
int default (not 1)
date default (cast('2020-01-01' as date))
date default date'2020-01-01'
datetime default timestamp'2020-01-01 00:00:00'
varchar(10) default (cast(5 as char))
int default (cast('5' as unsigned))
""".splitlines()
