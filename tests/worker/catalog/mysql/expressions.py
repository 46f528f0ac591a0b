"""Expressions over `a int, b int, s varchar(50), f double, d date, dt datetime` that the catalog must show exactly."""

from __future__ import annotations

#: Whitelist: in CHECK, in a generated column and, in parentheses, after DEFAULT.
EXACT = """\
a > 0
A > 0
a>0 and b<5
a>0 or b<5
(a>0) and (b<5) or a=3
a>0 and (b<5 or a=3)
not a
not (a > 0)
a is null
a is not null
a in (1,2,3)
a not in (1,2)
s in ('x','y')
a between 1 and 5
a not between 1 and b
s like 'a%'
s not like 'a%'
s regexp '^a'
s rlike 'x'
a <> b
a != b
a <=> b
a + b > 3
a + b * 2 > 3
(a + b) * 2 > 3
a - b - 1 > 0
a - (b - 1) > 0
a / 2 > 1
a div 2 > 1
a % 2 = 0
a mod 2 = 0
mod(a,2) = 0
-a < 0
- 5 < a
a = -5
a & 1
a | b
a ^ b
a << 1
a >> 1
~a
a xor b
a && b
a || b
!a
length(s) > 0
char_length(s) > 0
character_length(s)>0
lower(s) = s
upper(s)='X'
trim(s) <> ''
ltrim(s) <> ''
concat(s,'x') <> 'y'
coalesce(a,b) > 0
ifnull(a,b) > 0
nullif(a,b) > 0
if(a,b,1) > 0
case when a > 0 then 1 else 0 end
case a when 1 then 2 when 3 then 4 else 5 end
case when a=1 then 'x' end = 'x'
json_valid(s)
json_extract(s,'$.a') = 1
json_unquote(json_extract(s,'$.a')) = 'x'
json_length(s) > 0
cast(a as char) = '1'
cast(s as unsigned) > 1
cast(s as signed integer) > 1
cast(a as decimal(5,2)) > 1
cast(s as date) > '2020-01-01'
cast(s as datetime(3)) is null
convert(s, char(10)) = 'x'
cast(s as binary) = 'x'
convert(s using utf8mb4) = 'x'
binary s = 'x'
abs(a) > 1
round(f,2) > 1
round(f) > 1
floor(f) > 1
ceil(f) > 1
greatest(a,b) > 1
least(a,b) > 1
power(a,2) > 1
sqrt(a) > 1
year(d) > 2000
month(d)=1
day(d) = 1
date(dt) = d
dt > d
d > '2020-01-01'
date_add(d, interval 1 day) > dt
dt + interval 1 hour > dt
dt - interval 2 month < dt
unix_timestamp(dt) > 1
substring(s,1,2) = 'x'
left(s,1) = 'x'
right(s,1)='x'
replace(s,'a','b') = 'x'
instr(s,'x') > 0
locate('x',s) > 0
md5(s) = 'x'
sha1(s)='x'
sha2(s,256)='x'
hex(s)='x'
a = true
a = false
a is true
a is not false
a is unknown
a = null
s = ''
s = "it's"
s = 'a\\\\b'
f > 1.5
f > 1e3
f > 0.10
a > 007
(a)
((a > 0))
a > (b)
concat_ws(',',s,s)='x'
find_in_set('a',s)
field(s,'a','b')
strcmp(s,'a')
t.a > 0
a is null or b is null and s = ''
a > 0 and b > 0 and s <> ''
a > 0 or b > 0 or s <> ''
not a = 1 and b = 2
not (a = 1 and b = 2)
a not in (1)
a in (1)
a in (b, 2)
not a in (1,2)
not s like 'x'
not a between 1 and 2
not a is null
a * -1 < 0
a - -1 > 0
s like concat('a','%')
s like 'a!%' escape '!'
isnull(a)
(a > 0) = (b > 0)
a > 0 = 1
a = b = 1
a + 1 = b + 1
a is null = b is null
a*b+a/b-1 > a%b
a + (b + 1) > 0
(a + b) + 1 > 0
a * (b * 2) > 0
a / (b * 2) > 0
- (a + b) < 0
-(-a) > 0
case when a is null then b else a end > 0
ucase(s)='A'
reverse(s)='a'
json_object('a',a)='x'
json_array(a)='x'
nvl(a,b)=1
a = '5'
s = 5
a > '2020-01-01'
(a and b) or (a and s)
(a or b) and (s or d)
a and (b and s)
a or (b or s)
a xor b xor 1
not (a is null or b is null)
not (not (a > 1))
not (a and b)
a between b and b + 1
(a = 1) is not null
a + b is null
coalesce(a, 0) + coalesce(b, 0) = 1
(a is not null) + (b is not null) = 1
a = 1 and json_valid(s)
json_valid(s) or s is null
a between 1 and 2 and b between 3 and 4
s in ('a') or s in ('b', 'c')
a in (1, 2) and not (b in (3, 4))
a < b and not s is null
-a + 1 > 0
-(a) * b > 0
a - (b - (a - b)) > 0
a / b / 2 > 0
a * (b / 2) > 0
a % (b % 2) > 0
(a & b) | 1
a & (b | 1)
(a << 1) + b
(a + b) << 1
~a & b
a ^ b ^ 1
2 * (a ^ b)
s like 'x' and s like 'y'
(s like 'x') = 1
s = 'a' 'b'
concat(s, '-', lower(s)) = upper(s)
if(a > 1 and b < 2, 'x', 'y') = s
case when a > 1 and b < 2 or s = '' then a + 1 when a is null then -b else null end is null
case when s like 'a%' then 1 end = 1
s regexp 'a' and s not regexp 'b'
cast(a + 1 as char(3)) = s
a is true and b is false
d between '2020-01-01' and '2020-12-31'
dt + interval a day > dt
""".splitlines()

#: Of the session, of the moment, or not on the whitelist: refused in some places, or flagged.
VOLATILE = """\
rand() > 0
now() > dt
uuid() = s
curdate() > d
(a xor b) and a
(a, b) is null
date_format(dt,'%Y') = '2020'
datediff(d,dt) > 0
timestampdiff(day,d,dt) > 1
extract(year from d) = 2020
substring(s from 2 for 3)='x'
s = _utf8mb4'x'
a = 0x10
a = b'11'
date '2020-01-01' < d
s collate utf8mb4_bin = 'x'
char(65)=s
position('x' in s)>0
trim(both 'x' from s) = ''
a in (select 1)
exists(select 1)
group_concat(s) = 'x'
s = 'é'
week(d)=1
unknown_function(a)
missing_column > 1
unix_timestamp() > a
json_table(s, '$') = 1
not (a + b)
a and a + b
""".splitlines()
